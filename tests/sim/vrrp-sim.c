/* SPDX-License-Identifier: ISC */
/* The simulation as a test (TAP), or one seed of it, to look at. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/groupsim.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

#define SEEDS	       400 /* of a run without options */
#define MUTATION_SEEDS 60  /* within so many seeds each mutation must be noticed */

static void print_usage(FILE *stream)
{
	fprintf(stream,
		"usage: vrrp-sim [--seeds COUNT]\n"
		"       vrrp-sim --seed SEED [--routers 2..%d] [--mutation NAME] [--trace]\n"
		"mutations:",
		SIM_ROUTERS_MAX);
	for (unsigned int i = 0; i < MUTATIONS; i++)
		fprintf(stream, " %s", mutation_name((enum mutation)i));
	fputs("\n       vrrp-sim --groups --seed SEED [--mutation NAME] [--trace]\nmutations:",
		stream);
	for (unsigned int i = 0; i < GROUP_MUTATIONS; i++)
		fprintf(stream, " %s", group_mutation_name((enum group_mutation)i));
	fputc('\n', stream);
}

static bool test_group(unsigned int number, unsigned int routers, uint64_t seeds)
{
	struct scenario_options options = {.routers = routers};
	uint64_t failed = 0;
	char breach[256];

	for (options.seed = 1; options.seed <= seeds; options.seed++) {
		if (scenario_run(&options, breach, sizeof(breach)))
			continue;
		failed++;
		printf("# seed %llu: %s\n# replay: tests/sim/vrrp-sim --routers %u --seed %llu "
		       "--trace\n",
			(unsigned long long)options.seed, breach, routers,
			(unsigned long long)options.seed);
	}
	printf("%s %u - %u routers: the invariants hold in %llu of %llu seeds\n",
		failed ? "not ok" : "ok", number, routers, (unsigned long long)(seeds - failed),
		(unsigned long long)seeds);
	return failed == 0;
}

static bool test_mutation(unsigned int number, enum mutation mutation)
{
	struct scenario_options options = {.mutation = mutation};
	unsigned int caught = 0;
	char breach[256], first[320] = "";

	for (options.seed = 1; options.seed <= MUTATION_SEEDS; options.seed++) {
		if (scenario_run(&options, breach, sizeof(breach)))
			continue;
		if (caught++ == 0)
			snprintf(first, sizeof(first), "seed %llu: %s",
				(unsigned long long)options.seed, breach);
	}
	printf("%s %u - mutation %s is noticed in %u of %u seeds\n", caught ? "ok" : "not ok",
		number, mutation_name(mutation), caught, MUTATION_SEEDS);
	if (caught)
		printf("# %s\n", first);
	return caught > 0;
}

static bool test_sync_groups(unsigned int number, enum group_mutation mutation, uint64_t seeds)
{
	const bool mutated = mutation != GROUP_MUTATION_NONE;
	uint64_t breaches = 0;
	bool good;
	char breach[256];

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		if (groupsim_run(seed, mutation, false, breach, sizeof(breach)))
			continue;
		if (breaches++ < 5)
			printf("# seed %llu: %s\n# replay: tests/sim/vrrp-sim --groups --seed %llu "
			       "--mutation %s --trace\n",
				(unsigned long long)seed, breach, (unsigned long long)seed,
				group_mutation_name(mutation));
	}
	good = mutated ? breaches > 0 : breaches == 0;
	printf("%s %u - sync groups, mutation %s: a breach in %llu of %llu seeds\n",
		good ? "ok" : "not ok", number, group_mutation_name(mutation),
		(unsigned long long)breaches, (unsigned long long)seeds);
	return good;
}

static int run_tests(uint64_t seeds)
{
	unsigned int number = 0, failed = 0;

	printf("1..%d\n", SIM_ROUTERS_MAX - 1 + MUTATIONS - 1 + GROUP_MUTATIONS);
	for (unsigned int routers = 2; routers <= SIM_ROUTERS_MAX; routers++)
		failed += !test_group(++number, routers, seeds);
	for (unsigned int i = MUTATION_NONE + 1; i < MUTATIONS; i++)
		failed += !test_mutation(++number, (enum mutation)i);
	for (unsigned int i = GROUP_MUTATION_NONE; i < GROUP_MUTATIONS; i++)
		failed += !test_sync_groups(++number, (enum group_mutation)i,
			i == GROUP_MUTATION_NONE ? seeds : MUTATION_SEEDS);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_one(const struct scenario_options *options)
{
	char breach[256];
	bool held = scenario_run(options, breach, sizeof(breach));

	printf("seed %llu, mutation %s: %s\n", (unsigned long long)options->seed,
		mutation_name(options->mutation), held ? "every invariant held" : breach);
	return held ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_groups(uint64_t seed, const char *mutation, bool trace)
{
	unsigned int i = 0;
	char breach[256];
	bool held;

	while (i < GROUP_MUTATIONS && strcmp(group_mutation_name((enum group_mutation)i), mutation))
		i++;
	if (i == GROUP_MUTATIONS)
		return 2;
	held = groupsim_run(seed, (enum group_mutation)i, trace, breach, sizeof(breach));
	printf("seed %llu, mutation %s: %s\n", (unsigned long long)seed, mutation,
		held ? "every invariant held" : breach);
	return held ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return *text && !*end && *number >= low && *number <= high;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"seed", required_argument, NULL, 's'},
		{"seeds", required_argument, NULL, 'n'},
		{"routers", required_argument, NULL, 'r'},
		{"mutation", required_argument, NULL, 'm'},
		{"groups", no_argument, NULL, 'g'},
		{"trace", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct scenario_options options = {.mutation = MUTATION_NONE};
	uint64_t number = 0, seeds = SEEDS;
	bool one = false, groups = false, good = true;
	const char *mutation = "none";
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			one = true;
			good = good && parse_number(optarg, 0, UINT64_MAX, &options.seed);
			break;
		case 'n':
			good = good && parse_number(optarg, 1, 1000000, &seeds);
			break;
		case 'r':
			good = good && parse_number(optarg, 2, SIM_ROUTERS_MAX, &number);
			options.routers = (unsigned int)number;
			break;
		case 'm':
			mutation = optarg;
			break;
		case 'g':
			groups = true;
			break;
		case 't':
			options.trace = true;
			break;
		case 'h':
			print_usage(stdout);
			return EXIT_SUCCESS;
		default:
			good = false;
		}
	}
	if (groups && good && optind == argc)
		return run_groups(options.seed, mutation, options.trace);
	options.mutation = mutation_find(mutation);
	if (!good || options.mutation == MUTATIONS || optind < argc) {
		print_usage(stderr);
		return 2;
	}
	return one ? run_one(&options) : run_tests(seeds);
}
