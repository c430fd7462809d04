using System.Globalization;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Sessions;

/// <summary>What an interruption took.</summary>
/// <param name="Resumed">As the engine saw it.</param>
/// <param name="Load">Loading the next plan's shards and linking them, failed attempts not included.</param>
internal sealed record RecoveryTimes(ResumedTexts Resumed, TimeSpan Load)
{
    /// <summary>Until it was known who is left, and a plan was loaded for them.</summary>
    public TimeSpan Plan => Resumed.WithoutRanks > Load ? Resumed.WithoutRanks - Load : TimeSpan.Zero;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"recovered in {Resumed.Total.TotalSeconds:0.00} s: detection {Resumed.Detection.TotalSeconds:0.00}, plan {Plan.TotalSeconds:0.00}, load {Load.TotalSeconds:0.00}, prefill {Resumed.Prefill.TotalSeconds:0.00} ({Resumed.Texts} texts, {Resumed.Tokens} tokens)");
}
