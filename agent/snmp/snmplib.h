/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_SNMPLIB_H
#define AGENT_SNMP_SNMPLIB_H

/* clang-format off: the order matters */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>
/* clang-format on */

/* What is called of net-snmp.  It is loaded when a session is wanted, and by the one process that
 * wants it: linked, it would bring 20 libraries and the better part of the start into each process,
 * the engine's included.  agentx process. */

/* clang-format off: one a line */
#define SNMPLIB_FUNCTIONS(FUNCTION)                    \
	FUNCTION(init_agent)                           \
	FUNCTION(init_snmp)                            \
	FUNCTION(netsnmp_create_handler_registration)  \
	FUNCTION(netsnmp_ds_set_boolean)               \
	FUNCTION(netsnmp_ds_set_int)                   \
	FUNCTION(netsnmp_ds_set_string)                \
	FUNCTION(netsnmp_enable_subagent)              \
	FUNCTION(netsnmp_get_agent_uptime)             \
	FUNCTION(netsnmp_large_fd_is_set)              \
	FUNCTION(netsnmp_large_fd_set_cleanup)         \
	FUNCTION(netsnmp_large_fd_set_init)            \
	FUNCTION(netsnmp_large_fd_setfd)               \
	FUNCTION(netsnmp_register_handler)             \
	FUNCTION(netsnmp_request_set_error_all)        \
	FUNCTION(netsnmp_set_request_error)            \
	FUNCTION(netsnmp_tdomain_register)             \
	FUNCTION(snmp_add_null_var)                    \
	FUNCTION(snmp_async_send)                      \
	FUNCTION(snmp_call_callbacks)                  \
	FUNCTION(snmp_enable_calllog)                  \
	FUNCTION(snmp_free_pdu)                        \
	FUNCTION(snmp_oid_compare)                     \
	FUNCTION(snmp_oidtree_compare)                 \
	FUNCTION(snmp_pdu_add_variable)                \
	FUNCTION(snmp_pdu_create)                      \
	FUNCTION(snmp_read2)                           \
	FUNCTION(snmp_register_callback)               \
	FUNCTION(snmp_select_info2)                    \
	FUNCTION(snmp_sess_pointer)                    \
	FUNCTION(snmp_sess_transport)                  \
	FUNCTION(snmp_set_var_objid)                   \
	FUNCTION(snmp_set_var_typed_integer)           \
	FUNCTION(snmp_set_var_typed_value)             \
	FUNCTION(snmp_timeout)                         \
	FUNCTION(snmp_varlist_add_variable)
/* clang-format on */

struct snmplib {
#define SNMPLIB_MEMBER(name) __typeof__(name) *name;
	SNMPLIB_FUNCTIONS(SNMPLIB_MEMBER)
#undef SNMPLIB_MEMBER
};

/* All NULL until it is loaded. */
extern struct snmplib snmplib;

/* Loads it, once.  0; or a negative errno, -ELIBACC when it is not there, which has been logged. */
int snmplib_load(void);

#endif
