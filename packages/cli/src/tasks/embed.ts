import { UsageError } from "../errors.js";
import { formatCount } from "../output/format.js";
import { jsonNumbers } from "../pipelines/json-numbers.js";
import { documentTask, type TaskVerb } from "./document-task.js";

interface RawEmbedOptions {
	pooling: string;
	normalize: boolean;
}

/** Numbers of a vector that people are shown. */
const shown = 8;

/** The verb `embed`. */
export const embed: TaskVerb<RawEmbedOptions> = {
	name: "embed",
	summary: "vectors of documents by a pretrained model",
	description: "Turns each document into one vector: the mean of those of its tokens, or that of its first token.",
	addOptions: (command) =>
		command
			.option("--pooling <how>", "mean of all tokens, or cls, the first token", "mean")
			.option("--normalize", "divide vectors by their length", false),
	parse({ pooling, normalize }) {
		if (pooling !== "mean" && pooling !== "cls")
			throw new UsageError(`--pooling: "${pooling}" is not valid; expected mean or cls`);
		return documentTask("feature-extraction", { pooling, normalize }, async (pipeline, { text }, reading) => {
			const { data, overflow } = await pipeline(text, { ...reading, pooling, normalize });
			const result = jsonNumbers(data);
			const begin = result.slice(0, shown).map((value) => value.toFixed(4));
			const rest = result.length > shown ? " … (--json has all)" : "";
			return {
				result,
				overflow: overflow?.[0],
				text: `${formatCount(result.length)} numbers: ${begin.join(" ")}${rest}\n`,
			};
		});
	},
};
