import type { ResultList, TokenClassificationGroup, TokenClassificationSingle } from "longspan";
import { pageAt } from "../documents/document.js";
import { UsageError } from "../errors.js";
import { textTable } from "../output/text-table.js";
import { documentTask, type TaskVerb } from "./document-task.js";
import { formatScore } from "./format-score.js";
import { placeOf } from "./place-of.js";

interface RawNerOptions {
	aggregationStrategy: string;
	ignoreLabels: string;
}

/** The verb `ner`. */
export const ner: TaskVerb<RawNerOptions> = {
	name: "ner",
	summary: "names in documents by a pretrained model",
	description:
		"Finds what a model for token classification knows in each document: mostly names of people, places and organisations.",
	addOptions: (command) =>
		command
			.option("--aggregation-strategy <how>", "simple joins the tokens of a name, none tells each", "simple")
			.option("--ignore-labels <list>", "classes that are left out, with commas between them", "O"),
	parse({ aggregationStrategy: strategy, ignoreLabels }) {
		if (strategy !== "simple" && strategy !== "none")
			throw new UsageError(`--aggregation-strategy: "${strategy}" is not valid; expected simple or none`);
		const ignored = ignoreLabels.split(",").map((label) => label.trim());
		const options = { aggregation_strategy: strategy, ignore_labels: ignored };
		return documentTask("token-classification", options, async (pipeline, document, reading) => {
			const { text } = document;
			// The calls differ in their types alone.
			const found: ResultList<TokenClassificationSingle | TokenClassificationGroup> =
				strategy === "simple"
					? await pipeline(text, { ...reading, aggregation_strategy: strategy, ignore_labels: ignored })
					: await pipeline(text, { ...reading, aggregation_strategy: strategy, ignore_labels: ignored });
			const result = [...found].map((entity) => {
				const page = pageAt(document, entity.start);
				return { ...entity, ...(page !== undefined && { page }) };
			});
			const columns = [
				{ title: "text", align: "left" },
				{ title: "class", align: "left" },
				{ title: "score", align: "right" },
				{ title: "at", align: "left" },
			] as const;
			const lines = result.map((entity) => [
				text.slice(entity.start, entity.end).replace(/\s+/g, " "),
				"entity_group" in entity ? entity.entity_group : entity.entity,
				formatScore(entity.score),
				placeOf(document, entity.start),
			]);
			const table = lines.length > 0 ? textTable({ columns, lines }) : "nothing was found";
			return { result, overflow: found.overflow, text: `${table}\n` };
		});
	},
};
