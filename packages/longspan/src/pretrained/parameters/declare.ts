import type { Matrix } from "../../ops/packed-matrix.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** How a weight is drawn where there is no checkpoint to take it from: a normal deviation, or a constant. */
export type Initial = { readonly deviation: number } | "zeros" | "ones";

/** A weight of an architecture: what it is called in checkpoints, its shape, and how it is used. */
export interface Declaration<Use extends "matrix" | "tensor" = "matrix" | "tensor"> {
	/**
	 * "matrix": [outputs, inputs] or [rows, width], read by `linear` and `embedding` alone, which may keep it packed; "tensor":
	 * anything else.
	 */
	readonly use: Use;
	/** Name in the checkpoint, such as `roberta.encoder.layer.0.attention.self.query.weight`. */
	readonly name: string;
	readonly shape: Shape;
	readonly initial: Initial;
}

/** The weights of an architecture, in the form in which it uses them. A tied weight is declared once. */
export type Declared = Declaration | readonly Declared[] | { readonly [part: string]: Declared | undefined };

/** The weights that fit a declaration. */
export type Loaded<D> =
	D extends Declaration<infer Use>
		? Use extends "matrix"
			? Matrix
			: Tensor
		: { readonly [Part in keyof D]: Loaded<D[Part]> };

/** Standard deviation of new weights, that of most configurations (`initializer_range`). */
const deviation = 0.02;

export function declareMatrix(name: string, shape: readonly [number, number]): Declaration<"matrix"> {
	return { use: "matrix", name, shape, initial: { deviation } };
}

export function declareTensor(name: string, shape: Shape, initial: Initial): Declaration<"tensor"> {
	return { use: "tensor", name, shape, initial };
}

/** Whether a part of a declared tree is a single weight. */
export function isDeclaration(part: Declared): part is Declaration {
	return "use" in part && typeof part.use === "string";
}

/** The single weights of a declared tree, in order of appearance. */
export function declarationsOf(declared: Declared): Declaration[] {
	if (isDeclaration(declared)) return [declared];
	return Object.values(declared).flatMap((part) => (part === undefined ? [] : declarationsOf(part)));
}

/** A tree of the same form with every declaration replaced; parts that are undefined stay so. */
export function mapDeclared(declared: Declared, replace: (declaration: Declaration) => Matrix | Tensor): unknown {
	const map = (part: Declared): unknown => {
		if (isDeclaration(part)) return replace(part);
		if (Array.isArray(part)) return part.map(map);
		return Object.fromEntries(
			Object.entries(part).map(([name, child]) => [name, child === undefined ? undefined : map(child)]),
		);
	};
	return map(declared);
}
