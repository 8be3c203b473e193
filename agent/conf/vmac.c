/* SPDX-License-Identifier: ISC */
#include "agent/conf/vmac.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/parse.h"
#include "agent/conf/value.h"
#include "lib/image.h"

#define OCTETS	       6
#define DEFAULT_PREFIX "vrrp"
#define HOLDER_KEY     64

/* ---- Reading ---- */

/* Octets of a MAC address such as 2:1a:..., or 0: it is none. */
static unsigned int read_octets(const char *text, uint8_t octets[OCTETS])
{
	unsigned int count = 0;

	for (;;) {
		char *end;
		unsigned long octet;

		if (count == OCTETS || !isxdigit((unsigned char)*text))
			return 0;
		octet = strtoul(text, &end, 16);
		if (end - text > 2)
			return 0;
		octets[count++] = (uint8_t)octet;
		if (!*end)
			return count;
		if (*end != ':')
			return 0;
		text = end + 1;
	}
}

static bool read_mac(
	struct conf_parser *parser, struct virtual_mac *vmac, const struct conf_argument *argument)
{
	static const uint8_t zeros[OCTETS];
	unsigned int count = read_octets(argument->value, vmac->octets);
	const char *problem = NULL;

	if (count < OCTETS - 1)
		problem = "must be a MAC address of six octets, or of five that the VRID follows";
	else if (vmac->octets[0] & 1)
		problem = "is a multicast address";
	else if (memcmp(vmac->octets, zeros, sizeof(zeros)) == 0)
		problem = "is no address";
	if (problem)
		conf_diagnose(parser->diagnostics, CONF_ERROR, &argument->place,
			"use_vmac: '%s' %s", argument->value, problem);
	vmac->octets_written = (uint8_t)count;
	return !problem;
}

static bool read_name(
	struct conf_parser *parser, struct virtual_mac *vmac, const struct conf_argument *argument)
{
	const char *problem = conf_interface_problem(argument->value);
	bool wanted;

	if (conf_read_bool(argument->value, &wanted) == 0)
		problem =
			wanted ? "is no name of a device; use_vmac alone switches it on"
			       : "is no name of a device; without the line there is no virtual MAC";
	if (problem) {
		conf_diagnose(parser->diagnostics, CONF_ERROR, &argument->place, "use_vmac '%s' %s",
			argument->value, problem);
		return false;
	}
	vmac->name = conf_keep(parser, argument->value);
	return true;
}

bool conf_assign_vmac(struct conf_parser *parser, struct virtual_mac *value,
	const struct conf_statement *statement)
{
	struct virtual_mac vmac = {.used = true};

	for (size_t i = 1; i < statement->count; i++) {
		const struct conf_argument *argument = &statement->words[i];
		bool is_mac = strchr(argument->value, ':') != NULL;

		if (is_mac ? vmac.octets_written != 0 : vmac.name != NULL) {
			conf_diagnose(parser->diagnostics, CONF_ERROR, &argument->place,
				"use_vmac takes the name of a device and a MAC address; '%s' is "
				"a second %s",
				argument->value, is_mac ? "address" : "name");
			return false;
		}
		if (!(is_mac ? read_mac : read_name)(parser, &vmac, argument))
			return false;
	}
	*value = vmac;
	return true;
}

void conf_write_vmac(const struct virtual_mac *vmac, FILE *stream)
{
	if (vmac->name) {
		putc(' ', stream);
		conf_write_word(vmac->name, stream);
	}
	for (unsigned int i = 0; i < vmac->octets_written; i++)
		fprintf(stream, "%c%02x", i ? ':' : ' ', vmac->octets[i]);
}

/* ---- Names and addresses ---- */

void conf_vmac_octets(const struct instance *instance, uint8_t octets[6])
{
	const uint8_t assigned[OCTETS] = {0, 0, 0x5e, 0, instance->family == AF_INET6 ? 2 : 1};
	const struct virtual_mac *vmac = &instance->vmac;

	memcpy(octets, vmac->octets_written ? vmac->octets : assigned, OCTETS);
	if (vmac->octets_written != OCTETS)
		octets[OCTETS - 1] = instance->vrid;
}

const char *conf_address_device(
	const struct instance *instance, const struct virtual_address *address)
{
	if (address->device)
		return address->device;
	return instance->vmac_device ? instance->vmac_device : instance->interface;
}

/* Who has a name, or an address on an interface. */
struct holder {
	char key[HOLDER_KEY];
	const struct instance *instance;
	bool is_interface;
};

struct holders {
	struct holder *items;
	size_t count;
	size_t names;			/* of interfaces, among the items */
	const struct instance *surplus; /* the first with too many of them */
	void *tree;
	unsigned int next[2][256]; /* by family and VRID: numbers below are taken */
};

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct holder *)left)->key, ((const struct holder *)right)->key);
}

/* Enters it, or returns who is there already.  The caller has reserved the room. */
static const struct holder *enter(struct holders *holders, const char *key,
	const struct instance *instance, bool is_interface)
{
	struct holder *item = &holders->items[holders->count];
	struct holder **found;

	*item = (struct holder){.instance = instance, .is_interface = is_interface};
	snprintf(item->key, sizeof(item->key), "%s", key);
	found = tsearch(item, &holders->tree, compare);
	if (found && *found != item)
		return *found;
	holders->count++;
	return NULL;
}

/* The same of the name of an interface, which takes one of those that the applier has room for. */
static const struct holder *enter_name(struct holders *holders, const char *name,
	const struct instance *instance, bool is_interface)
{
	const struct holder *other = enter(holders, name, instance, is_interface);

	if (!other && ++holders->names == IMAGE_INTERFACES + 1)
		holders->surplus = instance;
	return other;
}

static bool is_taken(const struct holders *holders, const char *name)
{
	struct holder key = {.instance = NULL};

	snprintf(key.key, sizeof(key.key), "%s", name);
	return tfind(&key, &holders->tree, compare) != NULL;
}

static void check_name(struct holders *holders, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	const struct holder *other = enter_name(holders, instance->vmac.name, instance, false);
	const struct origin *origin = &instance->origins[INSTANCE_VMAC];

	if (other && other->is_interface)
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"%s: use_vmac %s is the interface of %s; a virtual MAC device needs a name "
			"of its own",
			instance->name, instance->vmac.name, other->instance->name);
	else if (other)
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"%s: use_vmac %s is the device of %s already: name another", instance->name,
			instance->vmac.name, other->instance->name);
}

/* keepalived's names: vrrp.51, for IPv6 vrrp6.51 if that is taken, then vrrp1.51 and so on. */
static int make_name(struct config *config, struct holders *holders, struct instance *instance)
{
	const char *prefix =
		config->globals.vmac_prefix ? config->globals.vmac_prefix : DEFAULT_PREFIX;
	bool ipv6 = instance->family == AF_INET6;
	const char *six = ipv6 ? "6" : "";
	unsigned int *next = &holders->next[ipv6][instance->vrid];
	char name[HOLDER_KEY];

	snprintf(name, sizeof(name), "%.*s.%u", IFNAMSIZ, prefix, instance->vrid);
	if (is_taken(holders, name))
		snprintf(name, sizeof(name), "%.*s%s.%u", IFNAMSIZ, prefix, six, instance->vrid);
	while (is_taken(holders, name))
		snprintf(name, sizeof(name), "%.*s%s%u.%u", IFNAMSIZ, prefix, six, ++*next,
			instance->vrid);
	enter_name(holders, name, instance, false);
	instance->vmac_device = config_string(config, name, strlen(name));
	return instance->vmac_device ? 0 : -ENOMEM;
}

static void check_made_name(const struct config *config, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	const struct origin *prefix = &config->globals.origins[GLOBAL_VMAC_PREFIX];

	if (conf_interface_problem(instance->vmac_device))
		conf_diagnose_origin(diagnostics, CONF_ERROR, prefix,
			"%s: vmac_prefix makes the device '%s', which %s", instance->name,
			instance->vmac_device, conf_interface_problem(instance->vmac_device));
}

static void check_mac(struct holders *holders, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	const struct holder *other;
	uint8_t octets[OCTETS];
	char key[HOLDER_KEY];

	conf_vmac_octets(instance, octets);
	snprintf(key, sizeof(key), "%s %02x:%02x:%02x:%02x:%02x:%02x", instance->interface,
		octets[0], octets[1], octets[2], octets[3], octets[4], octets[5]);
	other = enter(holders, key, instance, false);
	if (other)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &instance->origins[INSTANCE_VMAC],
			"%s: %s has the same virtual MAC address on %s: give one of them another",
			instance->name, other->instance->name, instance->interface);
}

static void check_use(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct origin *base = &instance->origins[INSTANCE_VMAC_XMIT_BASE];

	if (!instance->vmac.used && instance->vmac_xmit_base)
		conf_diagnose_origin(diagnostics, CONF_WARNING, base,
			"%s: vmac_xmit_base has no effect without use_vmac", instance->name);
	/* A reply to a unicast comes to the interface, whose address it was sent from. */
	if (instance->vmac.used && !instance->vmac_xmit_base && instance->unicast.peers.count > 0)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &instance->origins[INSTANCE_VMAC],
			"%s: use_vmac with unicast_peer needs vmac_xmit_base: "
			"add the line 'vmac_xmit_base'",
			instance->name);
}

static void check_count(const struct holders *holders, struct conf_diagnostics *diagnostics)
{
	const struct instance *instance = holders->surplus;

	if (instance)
		conf_diagnose_origin(diagnostics, CONF_ERROR,
			&instance->origins[instance->vmac.used ? INSTANCE_VMAC
							       : INSTANCE_INTERFACE],
			"%s: there are more than %d interfaces, virtual MAC devices among them, "
			"which is more than one agent has room for; have fewer, or several agents",
			instance->name, IMAGE_INTERFACES);
}

static int name_all(
	struct config *config, struct holders *holders, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];

		check_use(instance, diagnostics);
		instance->vmac_device = instance->vmac.used ? instance->vmac.name : NULL;
		if (instance->interface)
			enter_name(holders, instance->interface, instance, true);
	}
	for (size_t i = 0; i < config->instance_count; i++)
		if (config->instances[i]->vmac_device)
			check_name(holders, config->instances[i], diagnostics);
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];
		int result = 0;

		if (!instance->vmac.used || !instance->interface)
			continue;
		check_mac(holders, instance, diagnostics);
		if (instance->vmac_device)
			continue;
		result = make_name(config, holders, instance);
		if (result < 0)
			return result;
		check_made_name(config, instance, diagnostics);
	}
	return 0;
}

static void keep_item(void *item)
{
	(void)item; /* of holders->items */
}

int conf_validate_vmacs(struct config *config, struct conf_diagnostics *diagnostics)
{
	struct holders holders = {
		.items = calloc(3 * config->instance_count + 1, sizeof(*holders.items))};
	int result;

	if (!holders.items)
		return -ENOMEM;
	result = name_all(config, &holders, diagnostics);
	if (result == 0)
		check_count(&holders, diagnostics);
	tdestroy(holders.tree, keep_item);
	free(holders.items);
	return result;
}
