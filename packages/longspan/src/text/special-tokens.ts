import type { AddedToken } from "./added-tokens.js";
import type { JsonFields } from "./json-fields.js";
import type { SpecialRole, SpecialToken } from "./tokenizer.js";

/** The usual names by role, for files that name none: the Python classes of older models have them in code. */
const usualNames: Readonly<Record<SpecialRole, readonly string[]>> = {
	bos: ["<s>"],
	eos: ["</s>"],
	unk: ["[UNK]", "<unk>"],
	sep: ["[SEP]", "</s>"],
	pad: ["[PAD]", "<pad>"],
	cls: ["[CLS]", "<s>"],
	mask: ["[MASK]", "<mask>"],
};
const roles = Object.keys(usualNames) as SpecialRole[];

/** Special tokens by role, as the first of the files names them that does. */
export function readSpecialTokens(
	files: readonly JsonFields[],
	idOf: (token: string) => number | undefined,
	added: readonly AddedToken[],
): { [role in SpecialRole]?: SpecialToken } {
	const special: { [role in SpecialRole]?: SpecialToken } = {};
	let isNamed = false;
	const assign = (role: SpecialRole, token: string) => {
		const id = idOf(token);
		if (id !== undefined) special[role] ??= { token, id };
	};
	for (const file of files)
		for (const role of roles) {
			const name = `${role}_token`;
			if (!file.has(name)) continue;
			isNamed = true;
			assign(role, typeof file.json[name] === "string" ? file.string(name) : file.object(name).string("content"));
		}
	if (!isNamed)
		for (const role of roles)
			for (const name of usualNames[role])
				if (added.some(({ content, special }) => special && content === name)) assign(role, name);
	return special;
}
