/* service/demo_samples.c: the products that the documentation counts on; their figures are the documentation's. */
#include "service/demo_private.h"

/* clang-format off */
const char *const demo_samples[] = {
	"{\"kind\":\"operator\",\"id\":7,\"name\":\"Harbour Gift Cards\",\"country\":\"SGP\"}",
	"{\"kind\":\"operator\",\"id\":8,\"name\":\"Roamwide\",\"country\":\"GXX\"}",
	"{\"kind\":\"operator\",\"id\":9,\"name\":\"Roamwide Europe\",\"country\":\"EXX\"}",
	"{\"kind\":\"operator\",\"id\":10,\"name\":\"Visayas Light\",\"country\":\"PHL\"}",

	"{\"kind\":\"product\",\"id\":1310,\"name\":\"5 SGD\",\"description\":\"\","
	"\"texts\":{\"es\":{\"name\":\"5 SGD\",\"description\":\"Recarga de 5 SGD\"},"
	"\"fr\":{\"name\":\"5 SGD\",\"description\":\"Recharge de 5 SGD\"},"
	"\"ru\":{\"name\":\"5 SGD\",\"description\":\"Пополнение на 5 SGD\"}},"
	"\"tags\":[\"AIRTIME\"],\"service\":1,\"subservice\":11,\"operator\":5,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
	"\"zones\":[\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":3.6},"
	"\"destination\":{\"unit\":\"USD\",\"amount\":3},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":3.6},\"retail\":{\"unit\":\"USD\",\"amount\":4}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":3.3},\"retail\":{\"unit\":\"EUR\",\"amount\":3.7}},"
	"\"small\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":3.6}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"base\":3,\"promotion_bonus\":0,"
	"\"total_excluding_tax\":3,\"total_including_tax\":3}],"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1310\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":3.4}}]}",

	"{\"kind\":\"product\",\"id\":1320,\"name\":\"80 - 800 BDT\",\"description\":\"Airtime top-up of 80 - 800 BDT\","
	"\"tags\":[\"AIRTIME\"],\"service\":1,\"subservice\":11,\"operator\":6,"
	"\"type\":\"RANGED_VALUE_RECHARGE\",\"calculation_modes\":[\"SOURCE_AMOUNT\",\"DESTINATION_AMOUNT\"],"
	"\"required\":{\"credit_party\":[[\"mobile_number\"]]},\"zones\":[\"INTERNATIONAL\"],"
	"\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":10}},"
	"\"destination\":{\"unit\":\"BDT\",\"amount\":{\"min\":80,\"max\":800,\"increment\":10}},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":{\"min\":0.96,\"max\":9.6}}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":{\"min\":0.96,\"max\":9.6}}},"
	"\"small\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":{\"min\":0.96,\"max\":9.6}}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"BDT\",\"base\":{\"min\":80,\"max\":800},"
	"\"promotion_bonus\":{\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":80,\"max\":800},"
	"\"total_including_tax\":{\"min\":80,\"max\":800}}],"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1320\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":9.2}}]}",

	"{\"kind\":\"product\",\"id\":1330,\"name\":\"20 USD gift card\",\"description\":\"A code worth 20 USD\","
	"\"tags\":[\"GIFT_CARD\"],\"service\":4,\"subservice\":41,\"operator\":7,"
	"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"DOMESTIC\",\"INTERNATIONAL\"],"
	"\"source\":{\"unit\":\"USD\",\"amount\":20},\"destination\":{\"unit\":\"USD\",\"amount\":20},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":19},\"retail\":{\"unit\":\"USD\",\"amount\":20}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":17.5}},"
	"\"small\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":19}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"base\":20,\"promotion_bonus\":0,"
	"\"total_excluding_tax\":20,\"total_including_tax\":20}],"
	"\"pin\":{\"usage_info\":[\"Enter the code in the shop's checkout.\"],"
	"\"validity\":{\"unit\":\"MONTH\",\"quantity\":12},\"terms\":\"No refund once the code was shown.\"},"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1330\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":18.5}}]}",

	"{\"kind\":\"product\",\"id\":1331,\"name\":\"5 - 100 USD gift card\",\"description\":\"A code worth 5 to 100 USD\","
	"\"tags\":[\"GIFT_CARD\"],\"service\":4,\"subservice\":42,\"operator\":7,"
	"\"type\":\"RANGED_VALUE_PIN_PURCHASE\",\"calculation_modes\":[\"SOURCE_AMOUNT\",\"DESTINATION_AMOUNT\"],"
	"\"zones\":[\"DOMESTIC\",\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":5,\"max\":100}},"
	"\"destination\":{\"unit\":\"USD\",\"amount\":{\"min\":5,\"max\":100,\"increment\":5}},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":{\"min\":4.8,\"max\":96}},"
	"\"retail\":{\"unit\":\"USD\",\"amount\":{\"min\":5,\"max\":100}}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"base\":{\"min\":5,\"max\":100},"
	"\"promotion_bonus\":{\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":5,\"max\":100},"
	"\"total_including_tax\":{\"min\":5,\"max\":100}}],"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1331\",\"priority\":1}]}",

	"{\"kind\":\"product\",\"id\":1340,\"name\":\"Global 5 GB, 30 days\",\"description\":\"5 GB of data in 130 countries\","
	"\"tags\":[\"ESIM\",\"DATA\"],\"service\":13,\"operator\":8,\"type\":\"FIXED_VALUE_PIN_PURCHASE\","
	"\"validity\":{\"unit\":\"DAY\",\"quantity\":30},\"zones\":[\"INTERNATIONAL\"],"
	"\"source\":{\"unit\":\"USD\",\"amount\":25},\"destination\":{\"unit\":\"USD\",\"amount\":25},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":21},\"retail\":{\"unit\":\"USD\",\"amount\":25}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":19.5}},"
	"\"small\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":21}}},"
	"\"benefits\":[{\"type\":\"DATA\",\"unit_type\":\"DATA\",\"unit\":\"GB\",\"base\":5,\"promotion_bonus\":0,"
	"\"total_excluding_tax\":5,\"total_including_tax\":5}],"
	"\"pin\":{\"usage_info\":[\"Scan the QR code under Settings, Mobile data, Add eSIM.\"]},"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1340\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":18}}]}",

	"{\"kind\":\"product\",\"id\":1341,\"name\":\"Europe unlimited, 7 days\",\"description\":\"Data without end in Europe\","
	"\"tags\":[\"ESIM\",\"UNLIMITED\"],\"service\":13,\"operator\":9,\"type\":\"FIXED_VALUE_PIN_PURCHASE\","
	"\"validity\":{\"unit\":\"DAY\",\"quantity\":7},\"zones\":[\"INTERNATIONAL\"],"
	"\"source\":{\"unit\":\"USD\",\"amount\":18},\"destination\":{\"unit\":\"USD\",\"amount\":18},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":15}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":14}}},"
	"\"benefits\":[{\"type\":\"DATA\",\"unit_type\":\"DATA\",\"unit\":\"GB\",\"base\":-1,\"promotion_bonus\":0,"
	"\"total_excluding_tax\":-1,\"total_including_tax\":-1,\"additional_information\":\"Slower after 3 GB a day.\"}],"
	"\"pin\":{\"usage_info\":[\"Scan the QR code under Settings, Mobile data, Add eSIM.\"]},"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1341\",\"priority\":1}]}",

	"{\"kind\":\"product\",\"id\":1350,\"name\":\"Electricity bill\",\"description\":\"Pays a bill of Visayas Light\","
	"\"tags\":[\"BILL_PAYMENT\"],\"service\":3,\"subservice\":31,\"operator\":10,"
	"\"type\":\"RANGED_VALUE_PAYMENT\",\"calculation_modes\":[\"DESTINATION_AMOUNT\"],"
	"\"required\":{\"credit_party\":[[\"account_number\"],[\"mobile_number\"]],"
	"\"sender\":[[\"last_name\",\"first_name\"]],\"statement\":[[\"reference\"]]},"
	"\"zones\":[\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":2,\"max\":200}},"
	"\"destination\":{\"unit\":\"PHP\",\"amount\":{\"min\":110,\"max\":11000,\"increment\":0.01}},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":{\"min\":2,\"max\":200},\"fee\":0.5}},"
	"\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":{\"min\":1.85,\"max\":185},\"fee\":0.45}}},"
	"\"benefits\":[{\"type\":\"PAYMENT\",\"unit_type\":\"CURRENCY\",\"unit\":\"PHP\",\"base\":{\"min\":110,\"max\":11000},"
	"\"promotion_bonus\":{\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":110,\"max\":11000},"
	"\"total_including_tax\":{\"min\":110,\"max\":11000}}],"
	"\"payment\":{\"modes\":[\"PARTIAL\",\"EXACT\"],"
	"\"posting_period\":{\"unit\":\"DAY\",\"quantity\":2,\"type\":\"BUSINESS\"},\"supports_statement_inquiry\":true,"
	"\"required_inquiry_fields\":[[\"account_number\"]],\"notes\":[\"Bills past their due date are not taken.\"]},"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1350\",\"priority\":1}]}",

	"{\"kind\":\"product\",\"id\":1360,\"name\":\"10 SGD\",\"description\":\"Airtime top-up of 10 SGD\","
	"\"tags\":[\"AIRTIME\"],\"service\":1,\"subservice\":11,\"operator\":5,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
	"\"zones\":[\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":7.2},"
	"\"destination\":{\"unit\":\"SGD\",\"amount\":10},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":7.2}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"SGD\",\"base\":10,\"promotion_bonus\":1,"
	"\"total_excluding_tax\":11,\"total_including_tax\":11}],"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1360\",\"priority\":1},"
	"{\"supplier\":\"sandbox\",\"sku\":\"DEMO-1360-B\",\"priority\":2}]}",
	NULL,
};
/* clang-format on */
