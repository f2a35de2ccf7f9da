import { bertHeadNames, robertaHeadNames } from "../heads/language-head-names.js";
import type { LanguageHeadNames } from "../heads/language-model.js";
import type { Task } from "../tasks.js";
import type { ShortModelType } from "./config.js";
import type { LongModelType } from "./options.js";

interface Names {
	readonly prefix: string;
	readonly pooler: string;
	readonly languageHead: LanguageHeadNames;
}

const namesOf: Readonly<Record<ShortModelType | LongModelType, Names>> = {
	bert: { prefix: "bert.", pooler: "bert.pooler.dense.", languageHead: bertHeadNames },
	roberta: { prefix: "roberta.", pooler: "roberta.pooler.dense.", languageHead: robertaHeadNames },
	longformer: { prefix: "longformer.", pooler: "longformer.pooler.dense.", languageHead: robertaHeadNames },
	big_bird: { prefix: "bert.", pooler: "bert.pooler.", languageHead: bertHeadNames },
};

/**
 * What the weight of a lengthened model is called in the checkpoint that it comes from. Projections of global tokens begin as those of
 * the window (Beltagy et al. 2020, arXiv 2004.05150, section 5).
 */
export function sourceName(name: string, from: ShortModelType, to: LongModelType, task: Task): string {
	const [old, own] = [namesOf[from], namesOf[to]];
	const replacements: (readonly [string, string])[] = [
		[own.pooler, old.pooler],
		...(["dense", "norm", "decoder", "bias"] as const).map(
			(part) => [own.languageHead[part], old.languageHead[part]] as const,
		),
		// The pooled classifier of BERT is the classifier of the first token under other names.
		...(from === "bert" && task === "sequence-classification"
			? ([
					["classifier.dense.", old.pooler],
					["classifier.out_proj.", "classifier."],
				] as const)
			: []),
		[own.prefix, old.prefix],
	];
	const [before, after] = replacements.find(([start]) => name.startsWith(start)) ?? ["", ""];
	return after + name.slice(before.length).replace(/\.(query|key|value)_global\./, ".$1.");
}
