/* core/services.c: the services of the DVS API (1.5): a fixed table. 7, 10, 11, 12 and 13 are not divided. */
#include "core/geography.h"

static const struct subservice mobile[] = {
	{ 11, STR("Airtime") },
	{ 12, STR("Bundle") },
	{ 13, STR("Data") },
};

static const struct subservice utilities[] = {
	{ 31, STR("Electricity") }, { 32, STR("Water") },      { 33, STR("Gas") },  { 34, STR("Internet") },
	{ 35, STR("Landline") },    { 36, STR("Television") }, { 37, STR("VoIP") },
};

static const struct subservice gift_cards[] = {
	{ 41, STR("Retail") }, { 42, STR("Gaming") },	     { 43, STR("Cash Cards") },
	{ 44, STR("Food") },   { 45, STR("Entertainment") }, { 46, STR("Travel and Transport") },
};

static const struct service services[] = {
	{ 1, STR("Mobile"), mobile, ARRAY_LEN(mobile) },
	{ 3, STR("Utilities"), utilities, ARRAY_LEN(utilities) },
	{ 4, STR("Gift Cards"), gift_cards, ARRAY_LEN(gift_cards) },
	{ 7, STR("Insurance"), NULL, 0 },
	{ 10, STR("Finance"), NULL, 0 },
	{ 11, STR("Government"), NULL, 0 },
	{ 12, STR("Education"), NULL, 0 },
	{ 13, STR("eSIM"), NULL, 0 },
};

size_t service_count(void)
{
	return ARRAY_LEN(services);
}

const struct service *service_at(size_t index)
{
	must(index < ARRAY_LEN(services));
	return &services[index];
}

const struct service *service_find(int64_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (services[i].id == id)
			return &services[i];
	return NULL;
}

const struct subservice *subservice_find(const struct service *service, int64_t id)
{
	for (size_t i = 0; i < service->subservice_count; i++)
		if (service->subservices[i].id == id)
			return &service->subservices[i];
	return NULL;
}
