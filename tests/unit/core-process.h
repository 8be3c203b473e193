/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_CORE_PROCESS_H
#define TESTS_UNIT_CORE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "agent/core/core.h"
#include "lib/image.h"
#include "lib/message.h"
#include "tests/unit/core-lab.h"

/* The core process in a child of the test, which plays supervisor, engine, agentx and check. */

struct lab {
	char *folder;
	char *file; /* the configuration */
	char *output;
	struct board *board;
	int board_fd;
	int source; /* as the supervisor keeps it, or -1 */
	pid_t child;
	int supervisor, engine, agentx, check; /* the test's ends, or -1 */
	int lifeline;
};

/* For each test: a folder, a board, and no core yet; whatever runs is killed at its end. */
int lab_set_up(void **state);
int lab_tear_down(void **state);

#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, lab_set_up, lab_tear_down)

void lab_start_core(struct lab *lab);
void lab_kill_core(struct lab *lab);

/* Its exit status; it ends within seconds, or the test fails. */
int lab_wait_for_exit(struct lab *lab);

/* The test's ends of the channels. */
void lab_close_end(int *end);
void lab_close_ends(struct lab *lab);

/* Of what core wrote. */
void lab_assert_output(const struct lab *lab, const char *part);
void lab_assert_output_ends(const struct lab *lab, const char *part);

/* The engine's row on the board, as an engine that runs `generation` would leave it. */
void lab_show_engine(struct lab *lab, uint64_t generation);

/* The engine's part: takes the image, shows its routers on the board, answers.  The image is the
 * caller's. */
struct image *lab_run_image(struct lab *lab);

/* agentx and check get what the engine accepted, as it was sent. */
void lab_assert_published(struct lab *lab, uint64_t generation, uint64_t base);

/* Core has taken what it was sent there; it deals with that before it takes anything else. */
void lab_assert_taken(int end);

/* Core's loop has gone round, and so has done what it could. */
void lab_assert_loop_turned(struct lab *lab);

/* As the supervisor keeps it for the next core. */
void lab_take_source(struct lab *lab);

/* Starts core and plays the others until it is ready.  The whole image is the caller's. */
struct image *lab_start_ready(struct lab *lab);

void lab_tell(int end, enum message_type type, uint64_t id);

/* Asks for a priority, as agentx; the answer. */
enum message_error lab_ask_priority(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value);

/* A SET that is applied and never forgotten; returns the delta. */
struct image *lab_set_and_apply(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value);

/* As when agentx was started anew.  The image it is sent is the caller's. */
struct image *lab_replace_agentx(struct lab *lab);

#endif
