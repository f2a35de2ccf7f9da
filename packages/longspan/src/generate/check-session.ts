import { DisposedError, ShapeError } from "../errors.js";
import { checkIds } from "../ops/check-ids.js";
import { checkOperands } from "../ops/operands.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** @throws DisposedError if a decoder session was disposed */
export function checkAlive(name: string, disposed: boolean): void {
	if (disposed) throw new DisposedError(`${name}: this session was disposed; start another with startDecoding`);
}

/**
 * Checks the tokens that a decoder session is fed: int32 [rows, length], at least one for each row.
 *
 * @param rows number of rows of the session
 * @throws ShapeError, DTypeError; OptionError for ids outside of the vocabulary
 */
export function checkNextTokens(name: string, ids: Tensor<"int32">, rows: number, vocabularySize: number): void {
	checkOperands(name, { ids }, "int32");
	if (ids.rank !== 2 || ids.shape[0] !== rows || ids.size === 0)
		throw new ShapeError(
			`${name}: argument ids has shape ${formatShape(ids.shape)}; expected [${rows}, length], at least one token`,
		);
	checkIds(name, "ids", ids, vocabularySize);
}
