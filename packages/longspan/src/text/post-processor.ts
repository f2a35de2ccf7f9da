import { blankByte } from "./byte-characters.js";
import { codePointAt, isKind, isLowSurrogate, Kind, unitsOf } from "./characters.js";
import { isId, type JsonFields } from "./json-fields.js";
import type { SpecialToken } from "./tokenizer.js";

/** A place in what a model is given: a text, or special tokens. */
export type TemplateItem = { readonly source: 0 | 1; readonly typeId: number } | TemplateTokens;

export interface TemplateTokens {
	readonly tokens: readonly SpecialToken[];
	readonly typeId: number;
}

/** What is done with the tokens of one or two texts. */
export interface PostProcessor {
	readonly single: readonly TemplateItem[];
	readonly pair: readonly TemplateItem[];
	/** Whether offsets leave out the blanks that tokens begin and end with; `addsPrefix`: the first blank may not be the text's. */
	readonly trim: { readonly addsPrefix: boolean } | null;
}

const plain: PostProcessor = {
	single: [{ source: 0, typeId: 0 }],
	pair: [
		{ source: 0, typeId: 0 },
		{ source: 1, typeId: 1 },
	],
	trim: null,
};

const readers: Readonly<Record<string, (fields: JsonFields) => PostProcessor>> = {
	BertProcessing(fields) {
		const [cls, sep] = [readToken(fields, "cls"), readToken(fields, "sep")];
		const single = [tokens(cls), text(0), tokens(sep)];
		return { ...plain, single, pair: [...single, text(1, 1), tokens(sep, 1)] };
	},
	ByteLevel: (fields) => ({ ...plain, trim: readTrim(fields) }),
	RobertaProcessing(fields) {
		const [cls, sep] = [readToken(fields, "cls"), readToken(fields, "sep")];
		const single = [tokens(cls), text(0), tokens(sep)];
		return { single, pair: [...single, tokens(sep), text(1), tokens(sep)], trim: readTrim(fields) };
	},
	Sequence(fields) {
		const steps = fields.objects("processors").map((each) => readPostProcessor(each));
		const templates = steps.filter((step) => step.single.length > 1 || step.pair.length > 2);
		if (templates.length > 1) fields.refuse("processors", "at most one that adds tokens");
		return { ...(templates[0] ?? steps.at(-1) ?? plain), trim: steps.find((step) => step.trim)?.trim ?? null };
	},
	TemplateProcessing(fields) {
		return { single: readTemplate(fields, "single"), pair: readTemplate(fields, "pair"), trim: null };
	},
};

/** A field `post_processor` of tokenizer.json. */
export function readPostProcessor(fields: JsonFields | null): PostProcessor {
	return fields ? fields.byType(readers)(fields) : plain;
}

function text(source: 0 | 1, typeId = 0): TemplateItem {
	return { source, typeId };
}

function tokens(token: SpecialToken, typeId = 0): TemplateItem {
	return { tokens: [token], typeId };
}

function readTrim(fields: JsonFields): PostProcessor["trim"] {
	return fields.flag("trim_offsets", true) ? { addsPrefix: fields.flag("add_prefix_space", true) } : null;
}

/** A pair such as `["</s>", 2]`. */
function readToken(fields: JsonFields, name: string): SpecialToken {
	const [token, id] = fields.list(name);
	return typeof token === "string" && isId(id) ? { token, id } : fields.refuse(name, "a token and its number");
}

function readTemplate(fields: JsonFields, name: string): TemplateItem[] {
	return fields.objects(name).map((item) => {
		if (item.has("Sequence")) {
			const sequence = item.object("Sequence");
			const which = sequence.string("id");
			if (which !== "A" && (which !== "B" || name === "single")) sequence.refuse("id", name === "pair" ? "A, B" : "A");
			return text(which === "A" ? 0 : 1, sequence.id("type_id", 0));
		}
		const special = item.object("SpecialToken");
		const typeId = special.id("type_id", 0);
		const found = fields.object("special_tokens").object(special.string("id"));
		const names = found.list("tokens");
		const ids = found.list("ids").filter(isId);
		if (ids.length !== names.length) found.refuse("ids", "a number for each of the tokens");
		return { tokens: ids.map((id, index) => ({ id, token: String(names[index]) })), typeId };
	});
}

/** Offsets in a text without the blanks that tokens begin and end with, in place. */
export function trimOffsets(
	text: string,
	names: readonly string[],
	offsets: [begin: number, end: number][],
	{ addsPrefix }: { readonly addsPrefix: boolean },
): void {
	for (const [index, name] of names.entries()) {
		let leading = 0;
		while (leading < name.length && isBlank(name, leading)) leading++;
		let trailing = 0;
		while (trailing < name.length && isBlank(name, name.length - 1 - trailing)) trailing++;
		if (leading === 0 && trailing === 0) continue;
		let [begin, end] = offsets[index] as [number, number];
		// One blank there may have been added, several were not.
		if (addsPrefix && leading === 1 && (index === 0 || begin === 0)) leading = 0;
		// A blank that was added stands for a character, which may be of two units.
		for (; leading > 0 && begin < end; leading--) begin += unitsOf(codePointAt(text, begin));
		for (; trailing > 0 && begin < end; trailing--) end -= isLowSurrogate(text, end - 1) ? 2 : 1;
		offsets[index] = [begin, end];
	}
}

function isBlank(name: string, index: number): boolean {
	return name[index] === blankByte || isKind(name.charCodeAt(index), Kind.blank);
}
