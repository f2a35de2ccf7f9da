import { describeConformance } from "../../testing/conformance/index.js";
import { perHeadCases, perHeadMixedCase } from "../../testing/mechanisms/per-head.js";

describeConformance([...perHeadCases, perHeadMixedCase]);
