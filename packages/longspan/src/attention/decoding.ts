import { DisposedError, OptionError, ShapeError } from "../errors.js";
import { checkNumber } from "../ops/operands.js";
import { formatShape, sameShape, stridesOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { DecodingSession, DecodingSizes } from "./mechanism.js";

/** Checks the sizes of a session. */
export function checkDecodingSizes(name: string, { batch, heads, headDim, valueDim = headDim }: DecodingSizes): void {
	for (const [size, value] of Object.entries({ batch, heads, headDim, valueDim }))
		checkNumber(name, size, value, { min: 1, integer: true });
}

/** The same session, but one that refuses tokens once it is disposed, rather than to start over. */
export function untilDisposed<Session extends DecodingSession>(name: string, session: Session): Session {
	let disposed = false;
	const append: DecodingSession["append"] = (...tokens) => {
		if (disposed)
			throw new DisposedError(`${name}: this decoding session was disposed; start another with startDecoding`);
		return session.append(...tokens);
	};
	const dispose = () => {
		disposed = true;
		session.dispose();
	};
	return Object.defineProperties({ append, dispose } as Session, {
		position: { get: () => session.position, enumerable: true },
		stateBytes: { get: () => session.stateBytes, enumerable: true },
	});
}

/** Refuses to decode with a mechanism that looks ahead. */
export function checkDecodable(name: string, causal: boolean): void {
	if (!causal)
		throw new OptionError(
			`${name}: startDecoding needs causal: true; without it a token depends on the ones that follow`,
		);
}

/** Checks the tensors of one `append` against the sizes of the session and returns the number of tokens. */
export function checkAppended(
	name: string,
	{ batch, heads, headDim, valueDim = headDim }: DecodingSizes,
	q: Tensor,
	k: Tensor,
	v: Tensor,
): number {
	const length = q.shape[2] ?? 0;
	for (const [argument, tensor, width] of [
		["q", q, headDim],
		["k", k, headDim],
		["v", v, valueDim],
	] as const)
		if (!sameShape(tensor.shape, [batch, heads, length, width]))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(tensor.shape)}; this session expects [${batch}, ${heads}, length, ${width}], equal lengths`,
			);
	if (length < 1) throw new ShapeError(`${name}: append got no token; expected a length of at least 1`);
	return length;
}

/** Writes `rows` [batch, heads, length, width] into `target` [batch, heads, capacity, width] from row `from` on, in place. */
export function writeRows(rows: Tensor, target: Tensor, from: number): void {
	target.device.backend.copy(rows.buffer, target.buffer, {
		shape: rows.shape,
		sourceOffset: 0,
		sourceStrides: stridesOf(rows.shape),
		targetOffset: from * (target.shape[3] as number),
		targetStrides: stridesOf(target.shape),
	});
}
