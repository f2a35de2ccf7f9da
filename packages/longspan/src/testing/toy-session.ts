import type { DecoderSession } from "../generate/decoder-session.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/** A number in [-4, 4), exact in float32, that looks random: the score of a token after two others (-1 for none). */
export function scoreOf(beforeLast: number, last: number, next: number): number {
	let x = Math.imul(beforeLast + 1, 73856093) ^ Math.imul(last + 1, 19349663) ^ Math.imul(next + 1, 83492791);
	x = Math.imul(x ^ (x >>> 15), 2246822519);
	x = Math.imul(x ^ (x >>> 13), 3266489917);
	return ((x ^ (x >>> 16)) & 0xffff) / 8192 - 4;
}

/** A decoder whose scores depend on the last two tokens of a row. It checks that it is used as `DecoderSession` says. */
export class ToySession implements DecoderSession {
	position = 0;
	stateBytes = 0;
	/** Number of rows of each `append`. */
	readonly rowCounts: number[] = [];
	/** The last token of each row at each `append`. */
	readonly fed: number[][] = [];
	#rows: { readonly entry: number; readonly ids: readonly number[] }[];

	constructor(
		readonly entries: number,
		readonly vocabulary = 11,
		readonly score = scoreOf,
	) {
		this.#rows = Array.from({ length: entries }, (_, entry) => ({ entry, ids: [] }));
	}

	append(ids: Tensor<"int32">): Tensor {
		const [rows, length] = ids.shape as readonly [number, number];
		if (rows !== this.#rows.length) throw new Error(`${rows} rows of ids for ${this.#rows.length}`);
		const values = [...ids.dataSync()];
		this.#rows = this.#rows.map(({ entry, ids: own }, row) => ({
			entry,
			ids: [...own, ...values.slice(row * length, (row + 1) * length)],
		}));
		this.position += length;
		this.rowCounts.push(rows);
		this.fed.push(this.#rows.map(({ ids: own }) => own.at(-1) as number));
		const scores = this.#rows.flatMap(({ ids: own }) =>
			Array.from({ length: this.vocabulary }, (_, next) => this.score(own.at(-2) ?? -1, own.at(-1) as number, next)),
		);
		return tensor(scores, [rows, this.vocabulary]);
	}

	select(rows: readonly number[]): void {
		const selected = rows.map((row) => this.#rows[row] ?? raise(`no row ${row}`));
		const each = rows.length / this.entries;
		selected.forEach(({ entry }, at) => {
			if (entry !== Math.floor(at / each)) raise(`rows ${rows.join(", ")}: not as many of each entry, in their order`);
		});
		this.#rows = selected;
	}

	dispose(): void {}
}

function raise(message: string): never {
	throw new Error(message);
}
