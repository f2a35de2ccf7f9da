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
	/** Names of weights tied to it, under which a checkpoint may hold it instead. Default: none. */
	readonly aliases?: readonly string[] | undefined;
	/**
	 * Whether it is as `initial` says where a checkpoint lacks it; "left-out": undefined there, as for a head that not all checkpoints
	 * have. Default: false, it must be there.
	 */
	readonly optional?: boolean | "left-out" | undefined;
}

/** The weights of an architecture, in the form in which it uses them. A tied weight is declared once. */
export type Declared = Declaration | readonly Declared[] | { readonly [part: string]: Declared | undefined };

/** The weights that fit a declaration; anything where no particular one is known. */
export type Loaded<D> = Declared extends D
	? // biome-ignore lint/suspicious/noExplicitAny: architectures of all kinds side by side, as in the registry
		any
	: D extends Declaration<infer Use>
		? Use extends "matrix"
			? Matrix
			: Tensor
		: { readonly [Part in keyof D]: Loaded<D[Part]> };

/** Standard deviation of new weights, that of most configurations (`initializer_range`). */
const deviation = 0.02;

type DeclareOptions = Pick<Declaration, "aliases" | "optional">;

/** A matrix, drawn with `deviation` where there is no checkpoint. */
export function declareMatrix(
	name: string,
	shape: readonly [number, number],
	options: DeclareOptions = {},
): Declaration<"matrix"> {
	return { use: "matrix", name, shape, initial: { deviation }, ...options };
}

/** A weight of any other form. */
export function declareTensor(
	name: string,
	shape: Shape,
	initial: Initial,
	options: DeclareOptions = {},
): Declaration<"tensor"> {
	return { use: "tensor", name, shape, initial, ...options };
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

/** A tree of the same form with every declaration replaced; parts that are undefined are left out, as trees of tensors have none. */
export function mapDeclared(
	declared: Declared,
	replace: (declaration: Declaration) => Matrix | Tensor | undefined,
): unknown {
	const map = (part: Declared): unknown => {
		if (isDeclaration(part)) return replace(part);
		if (Array.isArray(part)) return part.map(map);
		return Object.fromEntries(
			Object.entries(part).flatMap(([name, child]) => {
				const replaced = child && map(child);
				return replaced === undefined ? [] : [[name, replaced]];
			}),
		);
	};
	return map(declared);
}
