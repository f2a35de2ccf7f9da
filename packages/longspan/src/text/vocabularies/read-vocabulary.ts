import type { JsonFields } from "../json-fields.js";
import { readBpe } from "./bpe.js";
import { readUnigram } from "./unigram.js";
import type { Vocabulary } from "./vocabulary.js";
import { readWordLevel, readWordPiece } from "./word-piece.js";

const readers: Readonly<Record<string, (fields: JsonFields) => Vocabulary>> = {
	BPE: readBpe,
	Unigram: readUnigram,
	WordLevel: readWordLevel,
	WordPiece: readWordPiece,
};

/** A field `model` of tokenizer.json. */
export function readVocabulary(fields: JsonFields): Vocabulary {
	return fields.byType(readers, fields.has("type") ? undefined : typeOf(fields))(fields);
}

/** Files of the first versions do not name the type. */
function typeOf(fields: JsonFields): string {
	if (fields.has("merges")) return "BPE";
	if (Array.isArray(fields.json.vocab)) return "Unigram";
	return fields.has("continuing_subword_prefix") ? "WordPiece" : fields.refuse("type", Object.keys(readers).join(", "));
}
