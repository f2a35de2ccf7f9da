import type { Tensor } from "../tensor/tensor.js";

/**
 * A decoder that is fed token by token. It has rows of tokens: at first one for each entry of the batch, later as many for each entry as
 * `select` says, those of an entry together.
 */
export interface DecoderSession {
	/** Number of tokens fed to each row. */
	readonly position: number;
	/** Bytes of what the session remembers. */
	readonly stateBytes: number;
	/**
	 * Feeds the next tokens to every row.
	 *
	 * @param ids int32 [rows, length]
	 * @returns scores of the token after them, [rows, vocabulary]
	 */
	append(ids: Tensor<"int32">): Tensor;
	/**
	 * Goes on with these rows, in this order: a row may go on several times, or not at all. Rows of one entry must stay together, and
	 * every entry must get as many.
	 */
	select(rows: readonly number[]): void;
	/** Frees what the session remembers. */
	dispose(): void;
}
