import { OptionError } from "../../errors.js";
import { type MatrixFormat, PackedMatrix } from "../../ops/packed-matrix.js";
import { tensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { keep } from "../../tensor/scope.js";
import { formatShape, sameShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Declaration, type Declared, declarationsOf, type Loaded, mapDeclared } from "./declare.js";
import { drawParameter } from "./draw.js";
import { findWeights } from "./find-weights.js";
import { disposeParameters } from "./parameters.js";
import type { WeightSource } from "./weight-source.js";

export interface LoadOptions {
	readonly device: Device;
	/** How matrices are kept. "tensor": unpacked, to be trained. */
	readonly format: MatrixFormat | "tensor";
	/** Prefix that checkpoints of the architecture without a head lack, such as "roberta.". */
	readonly prefix: string;
	/** Seed of weights that the checkpoint lacks; undefined: it must have all. */
	readonly drawMissing?: number | undefined;
	/** Called after each piece with the share that is done, 0 to 1. */
	readonly onProgress?: ((share: number) => void) | undefined;
}

export interface LoadedParameters<D> {
	readonly parameters: Loaded<D>;
	/** Weights of the checkpoint that the architecture does not use. */
	readonly unused: readonly string[];
	/** Weights that were drawn, since the checkpoint lacks them. */
	readonly drawn: readonly string[];
}

/** Elements read at once: 4 MiB of float32. */
const pieceElements = 2 ** 20;

/**
 * Reads the weights of an architecture, one piece after another: beside them, only a piece is in memory.
 *
 * @throws OptionError naming the weights that are missing or have another shape; nothing stays allocated then
 */
export async function loadParameters<D extends Declared>(
	declared: D,
	source: WeightSource,
	options: LoadOptions,
): Promise<LoadedParameters<D>> {
	const { device, format, drawMissing, onProgress } = options;
	const declarations = [...new Set(declarationsOf(declared))];
	const { found, missing, unused } = findWeights(declarations, source, options.prefix);
	if (missing.length > 0 && drawMissing === undefined)
		throw new OptionError(
			`${source.location}: ${list(missing.map(({ name }) => name))} ${missing.length === 1 ? "is" : "are"} missing; load the checkpoint as the class it was saved as, or give drawMissing to start with new weights there`,
		);
	checkShapes(declarations, found, source);
	const total = declarations.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
	let done = 0;
	const advance = (elements: number) => {
		done += elements;
		onProgress?.(done / total);
	};
	const made = new Map<Declaration, Tensor | PackedMatrix>();
	try {
		for (const declaration of declarations) {
			const name = found.get(declaration);
			if (name === undefined && declaration.optional === "left-out") advance(sizeOf(declaration.shape));
			else if (name === undefined) {
				made.set(declaration, drawParameter(declaration, { device, format, seed: drawMissing ?? 0 }));
				advance(sizeOf(declaration.shape));
			} else if (declaration.use === "matrix" && format !== "tensor") {
				const matrix = new PackedMatrix(declaration.shape as [number, number], format, device);
				made.set(declaration, matrix);
				await fillMatrix(matrix, source, name, advance);
			} else {
				const values = await source.read(name, 0, sizeOf(declaration.shape));
				made.set(declaration, keep(tensor(values, declaration.shape, device)));
				advance(values.length);
			}
		}
	} catch (error) {
		disposeParameters([...made.values()]);
		throw error;
	}
	const parameters = mapDeclared(declared, (declaration) => made.get(declaration));
	return { parameters: parameters as Loaded<D>, unused, drawn: missing.map(({ name }) => name) };
}

async function fillMatrix(
	matrix: PackedMatrix,
	source: WeightSource,
	name: string,
	advance: (elements: number) => void,
): Promise<void> {
	const [rows, columns] = matrix.shape;
	const rowsAtOnce = Math.max(1, Math.floor(pieceElements / columns));
	for (let row = 0; row < rows; row += rowsAtOnce) {
		const end = Math.min(row + rowsAtOnce, rows);
		const values = await source.read(name, row * columns, end * columns);
		matrix.write(values, row);
		advance(values.length);
	}
}

/** @throws OptionError naming the weights that have another shape than declared */
export function checkShapes(
	declarations: readonly Declaration[],
	found: ReadonlyMap<Declaration, string>,
	source: WeightSource,
): void {
	const wrong = declarations.flatMap((declaration) => {
		const name = found.get(declaration);
		const shape = name === undefined ? undefined : source.shapeOf(name);
		return !shape || sameShape(shape, declaration.shape)
			? []
			: [`"${name}" has shape ${formatShape(shape)}; expected ${formatShape(declaration.shape)}`];
	});
	if (wrong.length > 0)
		throw new OptionError(`${source.location}: ${wrong.slice(0, 3).join("; ")}, as config.json says`);
}

/** The first few of many names. */
function list(names: readonly string[]): string {
	const shown = names.slice(0, 5).map((name) => `"${name}"`);
	return shown.join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
}
