/* service/catalog_shop_write.c: categories, families and skus as canonical lines, and as copies. */
#include "service/catalog_line_private.h"
#include "service/catalog_names.h"

static void write_values(struct json_writer *w, const struct attribute_values *values)
{
	if (!values->count)
		return;
	json_obj(w, "attributes");
	for (size_t i = 0; i < values->count; i++) {
		json_key(w, values->items[i].code);
		json_str(w, NULL, values->items[i].value);
	}
	json_end(w);
}

void write_category(struct json_writer *w, const struct catalog_line *line)
{
	const struct category *c = &line->category;

	json_str(w, "name", c->name);
	write_texts(w, c->texts, c->text_count, "name");
	if (c->parent_id)
		json_int(w, "parent", c->parent_id);
	if (!c->attribute_count)
		return;
	json_arr(w, "attributes");
	for (size_t i = 0; i < c->attribute_count; i++) {
		const struct attribute *attribute = &c->attributes[i];

		json_obj(w, NULL);
		json_str(w, "code", attribute->code);
		json_str(w, "name", attribute->name);
		write_texts(w, attribute->texts, attribute->text_count, "name");
		json_str(w, "type", name_of_value(attribute_type_names, (int)attribute->type));
		json_str(w, "target", name_of_value(attribute_target_names, (int)attribute->target));
		json_end(w);
	}
	json_end(w);
}

static void write_field(struct json_writer *w, const struct shop_field *field)
{
	json_obj(w, NULL);
	json_str(w, "code", field->code);
	json_str(w, "name", field->name);
	write_texts(w, field->texts, field->text_count, "name");
	write_text(w, "description", field->description);
	json_str(w, "type", name_of_value(shop_field_type_names, (int)field->type));
	json_bool(w, "required", field->required);
	if (field->min)
		json_int(w, "min", field->min);
	if (field->max)
		json_int(w, "max", field->max);
	if (field->option_count) {
		json_arr(w, "options");
		for (size_t i = 0; i < field->option_count; i++) {
			json_obj(w, NULL);
			json_str(w, "value", field->options[i].code);
			json_str(w, "label", field->options[i].value);
			json_end(w);
		}
		json_end(w);
	}
	json_end(w);
}

void write_family(struct json_writer *w, const struct catalog_line *line)
{
	const struct family *f = &line->family;

	json_str(w, "uuid", f->uuid);
	json_str(w, "name", f->name);
	write_text(w, "description", f->description);
	write_texts(w, f->texts, f->text_count, "name");
	json_str(w, "type", name_of_value(family_type_names, (int)f->type));
	json_int(w, "category", f->category_id);
	write_text(w, "image", f->image);
	write_values(w, &f->attributes);
	if (!f->field_count)
		return;
	json_arr(w, "fields");
	for (size_t i = 0; i < f->field_count; i++)
		write_field(w, &f->fields[i]);
	json_end(w);
}

void write_sku(struct json_writer *w, const struct sku *sku)
{
	json_obj(w, "sku");
	json_str(w, "uuid", sku->uuid);
	json_int(w, "family", sku->family_id);
	write_text(w, "image", sku->image);
	write_values(w, &sku->attributes);
	json_int(w, "max_per_order", sku->max_per_order);
	if (!sku->is_renewable)
		json_bool(w, "renewable", false);
	json_end(w);
}

static const struct attribute_value *copy_pairs(struct arena *a, const struct attribute_value *items, size_t n)
{
	struct attribute_value *copy = COPY_ARRAY(a, items, n);

	for (size_t i = 0; i < n; i++)
		copy[i] = (struct attribute_value){ arena_str(a, items[i].code), arena_str(a, items[i].value) };
	return copy;
}

void copy_category(struct arena *a, struct catalog_line *line)
{
	struct category *c = &line->category;
	struct attribute *attributes = COPY_ARRAY(a, c->attributes, c->attribute_count);

	c->name = arena_str(a, c->name);
	c->texts = copy_texts(a, c->texts, c->text_count);
	for (size_t i = 0; i < c->attribute_count; i++) {
		attributes[i].code = arena_str(a, attributes[i].code);
		attributes[i].name = arena_str(a, attributes[i].name);
		attributes[i].texts = copy_texts(a, attributes[i].texts, attributes[i].text_count);
	}
	c->attributes = attributes;
}

void copy_family(struct arena *a, struct catalog_line *line)
{
	struct family *f = &line->family;
	struct shop_field *fields = COPY_ARRAY(a, f->fields, f->field_count);

	f->uuid = arena_str(a, f->uuid);
	f->name = arena_str(a, f->name);
	f->description = arena_str(a, f->description);
	f->texts = copy_texts(a, f->texts, f->text_count);
	f->image = arena_str(a, f->image);
	f->attributes.items = copy_pairs(a, f->attributes.items, f->attributes.count);
	for (size_t i = 0; i < f->field_count; i++) {
		fields[i].code = arena_str(a, fields[i].code);
		fields[i].name = arena_str(a, fields[i].name);
		fields[i].description = arena_str(a, fields[i].description);
		fields[i].texts = copy_texts(a, fields[i].texts, fields[i].text_count);
		fields[i].options = copy_pairs(a, fields[i].options, fields[i].option_count);
	}
	f->fields = fields;
}

const struct sku *copy_sku(struct arena *a, const struct sku *sku)
{
	struct sku *copy = COPY_ARRAY(a, sku, sku ? 1 : 0);

	if (copy) {
		copy->uuid = arena_str(a, copy->uuid);
		copy->image = arena_str(a, copy->image);
		copy->attributes.items = copy_pairs(a, copy->attributes.items, copy->attributes.count);
	}
	return copy;
}
