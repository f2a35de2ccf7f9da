import type { DeviceBuffer } from "./buffers.js";

/** A reduction over the middle axis of [outer, length, inner]. */
export interface AxisExtent {
	readonly outer: number;
	readonly length: number;
	readonly inner: number;
}

/** Kernels over one axis. Sums keep float32 relative error near 1e-6 for long axes (blocked or compensated). */
export interface AxisKernels {
	/** out: [outer, inner]. The maximum of an axis that holds a NaN is NaN. */
	reduce(operation: "sum" | "max", x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent): void;
	/** Gradient of max: dy shared evenly among the elements equal to the maximum `y`. */
	maxGradient(x: DeviceBuffer, y: DeviceBuffer, dy: DeviceBuffer, dx: DeviceBuffer, extent: AxisExtent): void;
	/** Inclusive running sum along the axis, from the end if `reverse`. */
	cumulativeSum(x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent, reverse: boolean): void;
	/** Inclusive running maximum along the axis. x holds no NaN. */
	cumulativeMax(x: DeviceBuffer, out: DeviceBuffer, extent: AxisExtent): void;
}
