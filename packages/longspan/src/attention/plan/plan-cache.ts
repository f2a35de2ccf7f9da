import type { HeadPlans } from "./encode.js";

/**
 * Remembers the plans, or what plans are made of, for the last few lengths: building them is cheap, but their encoding and
 * transpose are kept with them.
 */
export function cachePlans<K extends readonly number[], Made extends object = HeadPlans>(
	build: (...key: K) => Made,
	capacity = 4,
): (...key: K) => Made {
	const recent = new Map<string, Made>();
	return (...key) => {
		const name = key.join();
		const plans = recent.get(name) ?? build(...key);
		// Map keeps insertion order: the first entry is the one not used for longest.
		recent.delete(name);
		recent.set(name, plans);
		if (recent.size > capacity) recent.delete(recent.keys().next().value as string);
		return plans;
	};
}
