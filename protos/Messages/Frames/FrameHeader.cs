using Cluster.Protos.V1;

namespace Cluster.Protos.Frames;

/// <summary>Every field of an <see cref="ActivationFrame"/> but its payload.</summary>
/// <param name="PlanVersion">The plan that both ends of the link belong to.</param>
/// <param name="StepId">The step; ids rise within a plan.</param>
/// <param name="Operation">Counts the collective operations of the step, from 0.</param>
/// <param name="Kind">Which part of the operation this is.</param>
public readonly record struct FrameHeader(ulong PlanVersion, ulong StepId, uint Operation, FrameKind Kind);
