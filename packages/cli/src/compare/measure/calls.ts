import { type Device, reshape, scope, slice, type Tensor, vjp } from "longspan";
import type { Callable } from "./callable.js";
import type { Inputs } from "./inputs.js";

/** One call: how long it took and what it used. */
export interface CallMeasurement {
	readonly ms: number;
	/** Most memory alive during the call beyond what was alive before. */
	readonly peakBytes: number;
	readonly flops: number;
	readonly tiles: number;
}

/** Waits until a tensor is computed, by reading one element of it. */
async function finished(tensor: Tensor): Promise<void> {
	const element = scope(() => slice(reshape(tensor, [tensor.size]), 0, 0, 1));
	await element.data();
	element.dispose();
}

async function measureCall(
	device: Device,
	call: () => Tensor,
): Promise<{ measurement: CallMeasurement; result: Tensor }> {
	const { liveBytes } = device.memoryStats();
	device.resetPeakMemory();
	device.resetWorkStats();
	const start = performance.now();
	const result = call();
	const { peakBytes } = device.memoryStats();
	const { flops, tiles } = device.workStats();
	await finished(result);
	const ms = performance.now() - start;
	return { measurement: { ms, peakBytes: peakBytes - liveBytes, flops, tiles }, result };
}

/** Runs attention forward. The caller frees the output. */
export async function measureForward(
	device: Device,
	{ attention, weights }: Callable,
	{ q, k, v }: Inputs,
): Promise<{ measurement: CallMeasurement; result: Tensor }> {
	return measureCall(device, () => attention(q, attention.sharesQueryKey ? q : k, v, { weights }));
}

/** Runs attention forward and backward to the gradients of q, k and v, and of the weights. */
export async function measureForwardBackward(
	device: Device,
	{ attention, weights }: Callable,
	{ q, k, v }: Inputs,
	outputGradient: Tensor,
): Promise<CallMeasurement> {
	const { measurement, result } = await measureCall(device, () =>
		scope(() => {
			const names = Object.keys(weights);
			const attend = (...[q, k, v, ...values]: Tensor[]): Tensor =>
				attention(q as Tensor, (attention.sharesQueryKey ? q : k) as Tensor, v as Tensor, {
					weights: Object.fromEntries(names.map((name, index) => [name, values[index] as Tensor])),
				});
			const { pullback } = vjp(attend, q, k, v, ...Object.values(weights));
			return pullback(outputGradient)[0] as Tensor;
		}),
	);
	result.dispose();
	return measurement;
}
