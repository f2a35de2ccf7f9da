import { checkChoice, checkFlag, checkOptions } from "../ops/operands.js";
import type { Document } from "./document.js";
import { readDocument } from "./document.js";
import { embedTexts, tokenFeatures } from "./embed.js";
import type { FeatureTensor } from "./feature-tensor.js";
import type { Overflow } from "./overflow.js";
import { quantizeFeatures } from "./quantize.js";
import {
	type PipelineContext,
	type ReadingOptions,
	readingOf,
	readingOptionNames,
	textName,
	textsOf,
} from "./reading.js";

export interface FeatureExtractionOptions extends ReadingOptions {
	/** What becomes of the vectors of the tokens: "none" returns all, "mean" their mean, "cls" that of the first. Default: "none". */
	pooling?: "none" | "mean" | "cls" | undefined;
	/** Whether vectors are divided by their length. Default: false. */
	normalize?: boolean | undefined;
	/** Whether only the signs are returned, as bits. Default: false. */
	quantize?: boolean | undefined;
	/** Of the bytes that hold the bits: signed or not. Default: "binary", signed. */
	precision?: "binary" | "ubinary" | undefined;
}

/**
 * Vectors of texts: [texts, width] with pooling, else [texts, tokens of the longest, width] with zeros after the shorter ones.
 */
export interface Features extends FeatureTensor {
	/** If some text was longer than the model takes: by text, how it was read. */
	overflow?: readonly (Overflow | undefined)[];
}

export type FeatureExtraction = (
	texts: string | readonly string[],
	options?: FeatureExtractionOptions,
) => Promise<Features>;

/**
 * Vectors of texts or their tokens, from the last layer of a model without head. Of a text in windows, the vector of each token is
 * that of the window in which it is most central, and special tokens count once in every window; "cls" is the mean of the first
 * vectors of all windows, weighted by the tokens each owns. Global attention: the first token.
 */
export async function extractFeatures(
	context: PipelineContext<"base">,
	texts: string | readonly string[],
	options: FeatureExtractionOptions = {},
): Promise<Features> {
	const { name } = context;
	checkOptions(name, options, {
		...readingOptionNames,
		pooling: true,
		normalize: true,
		quantize: true,
		precision: true,
	});
	const { pooling = "none", normalize = false, quantize = false, precision = "binary" } = options;
	checkChoice(name, "pooling", pooling, ["none", "mean", "cls"]);
	checkFlag(name, "normalize", normalize);
	checkFlag(name, "quantize", quantize);
	checkChoice(name, "precision", precision, ["binary", "ubinary"]);
	const list = textsOf(name, "the text", texts);
	const reading = readingOf(context, options, "first");
	const documents = list.map((text, index) =>
		readDocument(reading, text, { called: textName("text", index, list.length) }),
	);
	const features =
		pooling === "none" ? await tokenFeatures(reading, documents) : await embedTexts(reading, documents, pooling);
	if (normalize) normalizeRows(features);
	const result = quantize ? quantizeFeatures(name, features, precision) : features;
	const overflow = documents.map((document: Document) => document.overflow);
	return overflow.some(Boolean) ? Object.assign(result, { overflow }) : result;
}

/** Divides the vectors along the last axis by their length, in place; vectors of zeros stay. */
function normalizeRows({ data, dims }: FeatureTensor): void {
	const width = dims.at(-1) as number;
	for (let begin = 0; begin < data.length; begin += width) {
		const row = data.subarray(begin, begin + width);
		let square = 0;
		for (const value of row) square += value * value;
		const length = Math.sqrt(square);
		if (length > 0) for (const [index, value] of row.entries()) row[index] = value / length;
	}
}
