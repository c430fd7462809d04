using Cluster.Compute.Collectives;
using Cluster.Compute.Steps;

namespace Cluster.Worker.Tests.Support;

/// <summary>What a rank does in a step instead of computing layers.</summary>
internal delegate void StepWork(int rank, ICollective collective, IStageLink? link, StepBatch batch, StepOutput output);
