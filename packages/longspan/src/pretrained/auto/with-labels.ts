import { OptionError } from "../../errors.js";
import { checkList, describe } from "../../ops/operands.js";
import { ConfigFields } from "../config/config-fields.js";
import { readLabels } from "../config/labels.js";
import type { OpenCheckpoint } from "./load-model.js";
import { modelTypes } from "./registry.js";

/**
 * A checkpoint as one of a classifier with these classes: its config.json names them, and its head is left out unless it is of the same
 * ones, so that it can be drawn anew (`drawMissing`).
 *
 * @param labels names of the classes by index, at least one
 * @throws OptionError for labels that are empty, equal, or no texts
 */
export function withLabels(checkpoint: OpenCheckpoint, labels: readonly string[]): OpenCheckpoint {
	const name = "withLabels";
	checkList(name, "labels", labels, "texts");
	const wrong = labels.findIndex((label, at) => typeof label !== "string" || labels.indexOf(label) !== at);
	if (labels.length === 0 || wrong >= 0)
		throw new OptionError(
			`${name}: labels ${labels.length === 0 ? "is empty" : `has ${describe(labels[wrong])} at ${wrong}`}; expected different texts, one for each class`,
		);
	const { config, location, weights } = checkpoint;
	const { num_labels: _, _num_labels: __, ...rest } = config;
	const changed = {
		...rest,
		id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])),
		label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
	};
	const own = readLabels(new ConfigFields(location, config));
	if (own.length === labels.length && own.every((label, index) => label === labels[index]))
		return { ...checkpoint, config: changed };
	const prefix = modelTypes[String(config.model_type)]?.prefix ?? "";
	// A checkpoint of the base model alone has no head, and no prefix either.
	const hasPrefix = weights.names.some((weight) => weight.startsWith(prefix));
	const names = hasPrefix ? weights.names.filter((weight) => weight.startsWith(prefix)) : weights.names;
	const kept = new Set(names);
	const shapeOf = (weight: string) => (kept.has(weight) ? weights.shapeOf(weight) : undefined);
	return { ...checkpoint, config: changed, weights: { ...weights, names, shapeOf } };
}
