import { OptionError } from "../../errors.js";
import { checkChoice, checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";

/** Kinds of models that a checkpoint can be lengthened to: `model_type` of their config.json. */
export type LongModelType = "longformer" | "big_bird";

export interface LengthenOptions {
	readonly to: LongModelType;
	/** Longest input of the new model in tokens, special ones among them; above that of the old one. */
	readonly length: number;
	/** Longformer: tokens that a token sees, half of them on each side; even. Default: 512. */
	readonly window?: number | undefined;
	/** BigBird: tokens in a block; a divisor of the length. Default: 64. */
	readonly blockSize?: number | undefined;
	/** BigBird: random blocks that a block sees. Default: 3. */
	readonly randomBlocks?: number | undefined;
	/**
	 * Id of the token that ends a text or question, `[SEP]` or `</s>`, which some classes read from config.json. Default: what config.json
	 * says, else what RoBERTa's has.
	 */
	readonly separatorId?: number | undefined;
}

const optionNames: OptionNames<LengthenOptions> = {
	to: true,
	length: true,
	window: true,
	blockSize: true,
	randomBlocks: true,
	separatorId: true,
};

const name = "lengthenCheckpoint";

/** Far beyond any text; keeps a slip from asking for a table of positions that no memory has room for. */
const mostTokens = 2 ** 24;

/**
 * Checks options and fills in defaults.
 *
 * @param longest longest input of the old model
 */
export function lengthenSettings(options: LengthenOptions, longest: number) {
	checkOptions(name, options, optionNames);
	const { to, length, window = 512, blockSize = 64, randomBlocks = 3, separatorId } = options;
	checkChoice(name, "to", to, ["longformer", "big_bird"]);
	checkNumber(name, "length", length, { min: 1, max: mostTokens, integer: true });
	if (length <= longest)
		throw new OptionError(
			`${name}: length is ${length}; expected more than the ${longest} tokens that the checkpoint takes already`,
		);
	const foreign = to === "longformer" ? (["blockSize", "randomBlocks"] as const) : (["window"] as const);
	for (const option of foreign)
		if (options[option] !== undefined)
			throw new OptionError(`${name}: ${option} is given with to: "${to}", which has none; leave it out`);
	checkNumber(name, "window", window, { min: 2, max: mostTokens, integer: true });
	if (window % 2 !== 0)
		throw new OptionError(`${name}: window is ${window}; expected an even number, half of which is on each side`);
	checkNumber(name, "blockSize", blockSize, { min: 1, integer: true });
	if (to === "big_bird" && length % blockSize !== 0)
		throw new OptionError(`${name}: blockSize is ${blockSize}; expected a divisor of length, ${length}`);
	checkNumber(name, "randomBlocks", randomBlocks, { min: 0, max: mostTokens, integer: true });
	if (separatorId !== undefined) checkNumber(name, "separatorId", separatorId, { min: 0, integer: true });
	return { to, length, window, blockSize, randomBlocks, separatorId };
}

export type LengthenSettings = ReturnType<typeof lengthenSettings>;
