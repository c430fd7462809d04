using System.Text;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The revoked workers in the coordinator's folder: a line each, <c>NAME TIME [lifted]</c>.</summary>
internal sealed class RevocationStore(SecurityFolder folder, TimeProvider time)
{
    /// <summary>What the file says now.</summary>
    /// <exception cref="ClusterException">A line is not what it must be; it is named.</exception>
    public List<RevocationEntry> Read() => SecurityFolder.ReadLines(folder.RevocationsPath, Parse, "revoked worker");

    public RevocationList ReadList() =>
        new(Read().Select(static entry => new Revocation(entry.Worker, entry.IsLifted ? entry.At : DateTimeOffset.MaxValue)));

    /// <summary>From now on the worker is refused, whatever it shows.</summary>
    public void Revoke(string worker) => Rewrite(worker, isLifted: false, mustBeThere: false);

    /// <summary>Lets the worker have new certificates; those that it had stay revoked.</summary>
    /// <returns>False when it was not revoked.</returns>
    public bool Lift(string worker) => Rewrite(worker, isLifted: true, mustBeThere: true);

    private bool Rewrite(string worker, bool isLifted, bool mustBeThere) => folder.Change(() =>
    {
        var entries = Read();
        if (entries.RemoveAll(entry => entry.Worker == worker) == 0 && mustBeThere) return false;
        entries.Add(new RevocationEntry(worker, time.GetUtcNow(), isLifted));
        var text = new StringBuilder();
        foreach (var entry in entries) text.Append(entry.Worker).Append(' ').Append(JoinTokenFormat.Time(entry.At)).Append(entry.IsLifted ? " lifted\n" : "\n");
        SecretFile.Write(folder.RevocationsPath, text.ToString());
        return true;
    });

    private static RevocationEntry? Parse(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var worker, var at] when PeerName.IsWorkerName(worker) && JoinTokenFormat.ParseTime(at) is { } time => new RevocationEntry(worker, time, false),
        [var worker, var at, "lifted"] when PeerName.IsWorkerName(worker) && JoinTokenFormat.ParseTime(at) is { } time => new RevocationEntry(worker, time, true),
        _ => null,
    };
}
