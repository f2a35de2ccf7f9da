/** Running totals behind `workStats`. */
export interface WorkCounter {
	flops: number;
	tiles: number;
	kernels: number;
}

/** The same kernels, counting every call. */
export function countCalls<Kernels extends object>(kernels: Kernels, work: WorkCounter): Kernels {
	const counted = Object.entries(kernels).map(([name, kernel]) => [
		name,
		(...args: unknown[]) => {
			work.kernels++;
			return kernel(...args);
		},
	]);
	return Object.fromEntries(counted) as Kernels;
}
