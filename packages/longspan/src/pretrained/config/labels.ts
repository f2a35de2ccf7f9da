import type { ConfigFields } from "./config-fields.js";

/** Most classes a checkpoint may have; a guard against absurd files. */
const mostLabels = 1_000_000;

/** Names of the classes of a classifier, by index: `id2label`, or LABEL_0 … for `num_labels` (default 2) classes. */
export function readLabels(fields: ConfigFields): readonly string[] {
	fields.ignore("label2id");
	const given = fields.optional("id2label");
	// Older files hold the number under this name.
	const older = fields.optional("_num_labels");
	const count = fields.optional("num_labels") ?? older;
	if (given === undefined) {
		const labels = fields.integer("num_labels", { fallback: (older as number | undefined) ?? 2 });
		if (labels > mostLabels) fields.fail("num_labels", labels, `at most ${mostLabels}`);
		return Array.from({ length: labels }, (_, index) => `LABEL_${index}`);
	}
	if (typeof given !== "object" || given === null || Array.isArray(given))
		fields.fail("id2label", given, "names by index");
	const entries = Object.entries(given as object);
	const labels = entries.map((_, index) => (given as Record<string, unknown>)[String(index)]);
	if (entries.length === 0 || !labels.every((label) => typeof label === "string"))
		fields.fail("id2label", given, "names for the indices from 0 on, without a gap");
	if (count !== undefined && count !== labels.length)
		fields.fail("num_labels", count, `${labels.length}, as many as id2label names`);
	return labels as string[];
}
