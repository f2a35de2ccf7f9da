import { PairTable } from "./pair-table.js";

/** A set of texts with a number for each, which finds those that a text has at some place. */
export class PrefixTree {
	/** From a node and a UTF-16 unit to a node; the root is 0. */
	readonly #children = new PairTable();
	#nodes = 1;
	readonly #numbers = new Map<number, number>();

	add(text: string, number: number): void {
		let node = 0;
		for (let at = 0; at < text.length; at++) {
			const unit = text.charCodeAt(at);
			let child = this.#children.get(node, unit);
			if (child < 0) {
				child = this.#nodes++;
				this.#children.set(node, unit, child);
			}
			node = child;
		}
		this.#numbers.set(node, number);
	}

	/** Tells of each of the texts that is at `begin`, by its end and number, the shortest first. */
	find(text: string, begin: number, found: (end: number, number: number) => void): void {
		let node = 0;
		for (let at = begin; at < text.length; at++) {
			node = this.#children.get(node, text.charCodeAt(at));
			if (node < 0) return;
			const number = this.#numbers.get(node);
			if (number !== undefined) found(at + 1, number);
		}
	}
}
