import { describeConformance } from "../../testing/conformance/index.js";
import { slidingWindowCases } from "../../testing/mechanisms/sliding-window.js";

describeConformance(slidingWindowCases);
