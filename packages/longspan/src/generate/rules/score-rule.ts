/**
 * Changes the scores of the next token, in place; -Infinity forbids a token.
 *
 * @param scores a score for each token id
 * @param ids the sequence so far, its prompt first
 * @param entry which entry of the batch the sequence belongs to
 */
export type ScoreRule = (scores: Float32Array, ids: readonly number[], entry: number) => void;
