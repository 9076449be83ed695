#include "json/xml.h"

#include "support/test.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

static void writes_the_same_tree(void **state)
{
	static const struct {
		const char *json, *xml;
	} rows[] = {
		{ "{\"return_code\":\"0\"}", "<response><return_code>0</return_code></response>" },
		{ "{}", "<response></response>" },
		{ "{\"a\":[\"1\",{\"b\":\"2\"},[3]],\"c\":{\"d\":null,\"e\":true,\"f\":-1.50}}",
		  "<response><a><item>1</item><item><b>2</b></item><item><item>3</item></item></a>"
		  "<c><d></d><e>true</e><f>-1.50</f></c></response>" },
		{ "{\"a\":\"<b>&amp; \\\"q\\\" ]]>\"}",
		  "<response><a>&lt;b&gt;&amp;amp; &quot;q&quot; ]]&gt;</a></response>" },
		{ "{\"a\":\"x\\u0001\\u001f\\t\\n\\r\\uFFFE\\uffff\xEF\xBF\xBF\xEF\xBF\xBD\\ud83d\\ude00y\"}",
		  "<response><a>x\t\n&#13;\xEF\xBF\xBD\xF0\x9F\x98\x80y</a></response>" },
		{ "{\"1a\":1,\"\":2,\"a b<\":3,\"Xml-x\":4,\"-.\":5,\"\xC3\xA9\":6}",
		  "<response><_1a>1</_1a><_>2</_><a_b_>3</a_b_><_Xml-x>4</_Xml-x><_-.>5</_-.><___>6</___></response>" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json doc;
		struct buf b;

		check_ok(json_read(&a, str_of(rows[i].json), NULL, &doc));
		buf_init(&b, 1000);
		xml_put(&b, &a, "response", json_root(&doc));
		check_str(buf_view(&b), arena_printf(&a, "%s%s", HEAD, rows[i].xml).p);
		buf_done(&b);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(writes_the_same_tree) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
