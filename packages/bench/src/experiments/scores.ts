/** The class with the highest score in each row of row-major scores [rows, classes]. */
export function highestScores(scores: Float32Array, classes: number): Int32Array {
	return Int32Array.from({ length: scores.length / classes }, (_, row) => {
		let best = row * classes;
		for (let at = best + 1; at < (row + 1) * classes; at++)
			if ((scores[at] as number) > (scores[best] as number)) best = at;
		return best - row * classes;
	});
}

/** Right answers out of all, in percent. */
export class Accuracy {
	private right = 0;
	private total = 0;

	add(correct: boolean): void {
		if (correct) this.right++;
		this.total++;
	}

	/** Not a number where nothing was asked. */
	get percent(): number {
		return (100 * this.right) / this.total;
	}
}
