namespace Cluster.Model.Sampling;

/// <summary>A token whose logit a rank returned.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Logit">After bias and penalties.</param>
/// <param name="RawLogit">As the model computed it.</param>
/// <param name="IsRequested">Whether it was asked for by id.</param>
internal readonly record struct Candidate(int Id, float Logit, float RawLogit, bool IsRequested)
{
    /// <summary>Highest logit first, lowest id first among equals: the order in which top-k and top-p keep tokens.</summary>
    public static readonly Comparison<Candidate> BestFirst = static (a, b) => Compare(a.Logit, a.Id, b.Logit, b.Id);

    public static int Compare(float logit, int id, float otherLogit, int otherId) =>
        logit > otherLogit ? -1 : logit < otherLogit ? 1 : id.CompareTo(otherId);
}
