/* SPDX-License-Identifier: ISC */
/*
 * What definitions, conditions and sequences make of a text, token by token. Where nothing else
 * is said, keepalived 2.2.7 makes the same of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "agent/conf/text/stream.h"

#ifdef __SANITIZE_ADDRESS__
#define CPU_MS_MAX \
	5000 /* what is asked of the program as it is shipped would be asked of the tool */
#else
#define CPU_MS_MAX 1000
#endif

static struct conf_source *source_of(const char *text, const char *folder)
{
	struct conf_source *source = conf_source_new("main");

	assert_non_null(source);
	assert_int_equal(conf_source_add(source, "test", strdup(text), strlen(text), folder), 0);
	return source;
}

/* Words with spaces between them, "/" for the end of a line that has some, "?" for what was bad. */
static char *tokens_of(struct conf_stream *stream)
{
	char *seen = NULL;
	size_t length;
	FILE *out = open_memstream(&seen, &length);
	bool some = false;

	assert_non_null(out);
	for (;;) {
		struct conf_token token = conf_stream_next(stream);

		if (token.kind == TOKEN_END)
			break;
		if (token.kind == TOKEN_NEWLINE) {
			if (some)
				fputs("/ ", out);
			some = false;
			continue;
		}
		some = true;
		if (token.kind == TOKEN_BAD)
			fputs("? ", out);
		else
			fprintf(out, "%.*s ", (int)token.length, token.start);
	}
	assert_int_equal(fclose(out), 0);
	return seen;
}

static void assert_expansion(const char *text, const char *expected)
{
	struct conf_diagnostics diagnostics = {0};
	struct conf_source *source = source_of(text, "/etc/test");
	struct conf_stream stream;
	char *seen;

	assert_int_equal(conf_stream_init(&stream, source, &diagnostics, NULL), 0);
	seen = tokens_of(&stream);
	if (strcmp(seen, expected) != 0)
		fail_msg("%s\nis read as\n%s\ninstead of\n%s", text, seen, expected);
	assert_int_equal(diagnostics.errors > 0, strchr(expected, '?') != NULL);
	free(seen);
	conf_stream_free(&stream);
	conf_source_free(source);
	conf_diagnostics_clear(&diagnostics);
}

static void test_definitions(void **state)
{
	assert_expansion("$X=a b\n$X\n${X}\nx${X}y\nx$X\n", "a b / a b / xa by / xa b / ");
	assert_expansion("  $X=a # b\n$X c#d\n", "a c / ");
	assert_expansion("$X=a#b\n$X\n", "a / ");
	assert_expansion("$X=\"a # b\"\n$X\n", "\"a # b\" / ");
	assert_expansion("$X=\nx${X}y\n$X z\n$X\n", "xy / z / ");
	assert_expansion("$X=1\n$X=2\n$X\n", "2 / ");
	assert_expansion("$X=$Y\n$Y=1\n$X\n$Y=2\n$X\n", "1 / 2 / ");
	assert_expansion("$A=b\n$Ab=c\n$b1=d\n$N=1\n${b${N}}\n${A${A}}\n", "d / c / ");
	assert_expansion("$X_1=a\n$_Y=b\n$X_1 ${_Y}\n", "a b / ");
	assert_expansion("$X={\nx $X\n}\n", "x { / } / ");
	assert_expansion("x $X=1\n", "x ? / ");
}

static void test_quotes(void **state)
{
	assert_expansion("$X=a\n\"${X}\" '${X}' \"$X b\"\n", "\"a\" 'a' \"a b\" / ");
	assert_expansion("\"$HOME ${HOME} $\" a$b $ $1 c$\n", "\"$HOME ${HOME} $\" a$b $ $1 c$ / ");
	assert_expansion("$X=a\n\"$X\"\n", "\"$X\" / ");
	assert_expansion("\"$S=1\"\n", "\"$S=1\" / ");
	/* what keepalived leaves as it is */
	assert_expansion("$X=a\n$X-b\nx$X,\n", "? / ? / ");
	assert_expansion("$X\n${X} y\nx${X\n${}\n", "? / ? y / ? / ? / ");
	assert_expansion("\"${_NO}\"\n", "? / ");
}

static void test_bodies(void **state)
{
	assert_expansion("$X= \\\na b \\\nc\n$X\nd\n", "a b / c / d / ");
	assert_expansion("$X= a \\\nb\n${X}\n", "a / b / ");
	assert_expansion("$X=a\\\nb\n$X\n", "a / b / ");
	assert_expansion("$X=\\\na\n$X b\n", "a b / ");
	assert_expansion("$X= \\\na \\ # more\nb # last \\\nc\n$X\n", "c / a / b / ");
	assert_expansion("$X= \\\na \\  \n\nb\n$X\n", "b / a / ");
	assert_expansion("$X= \\\na \\\nb\nx $X\n", "x a / b / ");
	assert_expansion(
		"$X= \\\na${N} \\\n$N=2 \\\nb${N}\n$N=1\n$X\n$X\n", "a1 / b2 / a2 / b2 / ");
	assert_expansion("$X= \\\na \\\n$Y \\\nb\n$Y= \\\nc \\\nd\n$X\n", "a / c / d / b / ");
	assert_expansion("$X= \\\n$Y \\\nb\n$Y= \\\nc \\\nd\n$X\n", "c / d / b / ");
	/* what keepalived leaves as it is, or falls over */
	assert_expansion("$X= \\\na \\\nb\n$X y\n", "? y / ");
	assert_expansion("$X= \\\na \\\n$X\n$X\n", "a / ? / ");
	assert_expansion("$X=a$X\n$X\n", "? / ");
}

static void test_conditions(void **state)
{
	assert_expansion("@main a\n@other b\n@^main c\n@^other d\n", "a / d / ");
	assert_expansion("\t@main\ta\n@mai b\n@mainx c\n@Main d\n@main;e f\n", "a / ");
	assert_expansion("@main\n@main # a\nx @main\n\"@main\" y\n", "x @main / \"@main\" y / ");
	assert_expansion("@main $X=a\n@other $X=b\n$X\n", "a / ");
	assert_expansion("$C=@main\n$D=@other\n$C a\n$D b\n", "a / ");
	assert_expansion("$X= \\\n@main a \\\n@other b \\\nc\n$X\n", "a / c / ");
	/* keepalived reads the rest of such a definition */
	assert_expansion("@other $X= \\\na \\\nb\nc\n", "c / ");
	assert_expansion("@main @^other a\n", "a / ");
	assert_expansion("@ main a\n@^ main b\n@!main c\n@\"main\" d\n", "? / ? / ? / ? / ");
}

static void test_sequences(void **state)
{
	assert_expansion("~SEQ(A,1,3) a${A}\n", "a1 / a2 / a3 / ");
	assert_expansion("~SEQ(A,3)a$A\n", "a1 / a2 / a3 / ");
	assert_expansion("~SEQ(A,-2) $A\n", "-1 / -2 / ");
	assert_expansion("~SEQ(A,0) $A\n", "1 / 0 / ");
	assert_expansion("~SEQ( A , 5 , -2 , 0 ) $A\n", "5 / 3 / 1 / ");
	assert_expansion("~SEQ(A,5,4) $A\n~SEQ(A,2,2) $A\n", "5 / 4 / 2 / ");
	assert_expansion("~SEQx(A,0x8,0x4,0x10) $A\n", "8 / c / 10 / ");
	assert_expansion("~SEQ(A,010,+9) $A\n", "8 / 9 / ");
	assert_expansion("~SEQ(A,2) ~SEQ(B,${A}) $A${A}.$B\n", "? / ? / ? / ");
	assert_expansion("~SEQ(A,2) ~SEQ(B,$A) ${A}.$B\n", "1.1 / 2.1 / 2.2 / ");
	assert_expansion("~SEQ(A,2)\n$A\n", "2 / ");
	assert_expansion("$S=~SEQ(A,2) $A\n$S\n", "1 / 2 / ");
	assert_expansion("$X= \\\na$A \\\nb$A\n~SEQ(A,2) $X\n", "a1 / b1 / a2 / b2 / ");
	assert_expansion("$X= \\\n~SEQ(A,2) $A \\\nb\n$X\n", "1 / 2 / b / ");
	assert_expansion("@main ~SEQ(A,2) $A\n@other ~SEQ(A,2) x\n", "1 / 2 / ");
	assert_expansion("~SEQ(A,2) @main $A\n~SEQ(A,2) @other $A\n", "1 / 2 / ");
	assert_expansion("~SEQ(A,2) $L=x${A}\n$L\n", "x2 / ");
	assert_expansion("x ~SEQ(A,2)\n\"~SEQ(A,2)\"\n", "x ~SEQ(A,2) / \"~SEQ(A,2)\" / ");
	assert_expansion("~SEQ(A) a\n~SEQ(A,1,2,3,4) a\n~SEQ(A,x) a\n", "? / ? / ? / ");
	assert_expansion("~SEQ(A,1,0,3) a\n~SEQ(A,1,-1,3) a\n~SEQ(9,3) a\n", "? / ? / ? / ");
	assert_expansion("~LST(A,5,x) $A\n", "5 / x / ");
	assert_expansion("~LST( A , 5 y , ) ${A}.\n", "5 y. / . / ");
	assert_expansion("~LST({A, B}, {1,2},{3 , 4} , {5}) ${A}-${B}-\n", "1-2- / 3-4- / 5-- / ");
	assert_expansion("~LST({A},{1},2) $A\n", "1 / 2 / ");
	assert_expansion("$X=7\n~LST(A,$X,8) ~SEQ(B,2) ${B}.${A}\n", "1.7 / 2.7 / 1.8 / 2.8 / ");
	assert_expansion("~LST(A,1) ~LST({B,C},{$A,2}) ${A}.${C} ${B}\n", "1.2 1 / ");
	assert_expansion("~LST(A) a\n~LST(A,1 a\n~LST({A,1) a\n", "? / ? / ? / ");
	assert_expansion("~LST({A},{1,2}) a\n~LST(9,1) a\n~LST(A,{1}x) a\n", "? / ? / ? / ");
	assert_expansion("~LST(A,1}) a\n~LST(A,$U) $A\n~LST() a\n", "? / ? / ? / ");
	assert_expansion("~SEQX(A,2) a\n~SEQx(A,-2) a\n", "? / ? / ");
}

static void test_predefined(void **state)
{
	assert_expansion("${_INSTANCE} $_INSTANCE x${_PWD}\n", "main main x/etc/test / ");
	assert_expansion("\"a${_HASH}b ${_BANG}\"\n", "\"a#b !\" / ");
	/* keepalived ends the line there */
	assert_expansion("a${_HASH}b ${_BANG}c\n", "a#b !c / ");
	assert_expansion("${_RANDOM 5 5} ${_RANDOM 32767}\n", "5 32767 / ");
	assert_expansion("$_PWD=a\n${_PWD}\n", "a / ");
	/* keepalived falls over at the first of them */
	assert_expansion("${_RANDOM 6 5} ${_RANDOM a} ${_RANDOM 1 2 3}\n", "? ? ? / ");
	assert_expansion("${_ENV HOME}\n", "? / ");
}

/* One that is repeated gives the same; another seed gives others. */
static void test_random(void **state)
{
	static const char *const texts[] = {"~SEQ(A,100) ${_RANDOM 1 1000000}\n",
		"random_seed 7\n~SEQ(A,100) ${_RANDOM 1 1000000}\n"};
	char *seen[3];

	for (size_t i = 0; i < 3; i++) {
		struct conf_source *source = source_of(texts[i / 2], NULL);
		struct conf_stream stream;

		assert_int_equal(conf_stream_init(&stream, source, NULL, NULL), 0);
		seen[i] = tokens_of(&stream);
		conf_stream_free(&stream);
		conf_source_free(source);
	}
	assert_string_equal(seen[0], seen[1]);
	assert_null(strstr(seen[2], seen[0]));
	for (size_t i = 0; i < 3; i++)
		free(seen[i]);
}

/* Text that would double at each step is refused before it takes long. */
static void test_explosion(void **state)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct conf_diagnostics diagnostics = {0};

	for (unsigned i = 0; i < 60; i++)
		fprintf(out, "$A%u=${A%u}${A%u}\n$B%u= \\\n$B%u \\\n$B%u\n", i, i + 1, i + 1, i,
			i + 1, i + 1);
	fprintf(out, "$A60=\n$B60=\nvrrp_instance x${A0} {\n$B0\n}\n");
	fclose(out);
	assert_null(conf_load_text("test", text, length, NULL, &diagnostics));
	assert_int_equal(diagnostics.count, 1);
	assert_non_null(strstr(diagnostics.items[0].message, "too much text"));
	conf_diagnostics_clear(&diagnostics);
	free(text);
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	stream = fopen(path, "w");
	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

/* Include lines may use names, conditions and sequences; a restored source says the same. */
static void test_includes(void **state)
{
	char folder[] = "/tmp/conf-language-XXXXXX", path[64], command[64];
	struct conf_source *source;
	struct conf_stream stream;
	int fd = memfd_create("source", MFD_CLOEXEC);

	assert_non_null(mkdtemp(folder));
	put(folder, "main.conf",
		"$D=.\n@main include ${D}/a\n@other include b\n~SEQ(N,2) include $N\n"
		"$X= \\\ninclude a \\\nc\n$X\n${_INSTANCE}\n");
	put(folder, "a", "a$D\n");
	put(folder, "b", "b\n");
	put(folder, "1", "one $N\n");
	put(folder, "2", "two $N\n");
	snprintf(path, sizeof(path), "%s/main.conf", folder);
	assert_int_equal(conf_source_read(path, "main", &source), 0);
	assert_int_equal(source->text_count, 5);
	for (unsigned i = 0; i < 2; i++) {
		char *seen;

		assert_int_equal(conf_stream_init(&stream, source, NULL, NULL), 0);
		seen = tokens_of(&stream);
		assert_string_equal(seen, "a. / one 1 / two 2 / a. / c / main / ");
		free(seen);
		conf_stream_free(&stream);
		if (i > 0)
			break;
		assert_int_equal(conf_source_save(source, fd), 0);
		conf_source_free(source);
		assert_int_equal(conf_source_restore(fd, &source), 0);
	}
	conf_source_free(source);
	close(fd);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
}

static void test_ten_thousand_instances(void **state)
{
	static const char text[] = "$VI= \\\n"
				   "vrrp_instance VI_${IF}_${ID} { \\\n"
				   "    state BACKUP \\\n"
				   "    interface eth${IF} \\\n"
				   "    virtual_router_id ${ID} \\\n"
				   "    priority 100 \\\n"
				   "    advert_int 1 \\\n"
				   "    authentication { \\\n"
				   "        auth_type PASS \\\n"
				   "        auth_pass secret \\\n"
				   "    } \\\n"
				   "    virtual_ipaddress { \\\n"
				   "        10.${IF}.${ID}.1/24 dev eth${IF} \\\n"
				   "    } \\\n"
				   "}\n"
				   "~SEQ(IF, 1, 50) ~SEQ(ID, 1, 200) $VI\n";
	struct conf_diagnostics diagnostics = {0};
	struct timespec start, end;
	struct config *config;
	double spent;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	config = conf_load_text("test", text, strlen(text), NULL, &diagnostics);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	spent = (double)(end.tv_sec - start.tv_sec) * 1e3 +
		(double)(end.tv_nsec - start.tv_nsec) / 1e6;
	print_message("# 10000 instances of a sequence: %.1f ms of CPU\n", spent);
	assert_non_null(config);
	assert_int_equal(config->instance_count, 10000);
	assert_string_equal(config->instances[9999]->name, "VI_50_200");
	assert_int_equal(diagnostics.count, 0);
	assert_true(spent < CPU_MS_MAX);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definitions),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_predefined),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_explosion),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_ten_thousand_instances),
	};

	return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
