using Cluster.Protos.V1;

namespace Cluster.Protos.Security;

/// <summary>Lists of revoked workers on the wire.</summary>
public static class RevocationMessages
{
    public static RevocationNotice ToNotice(this RevocationList list)
    {
        var notice = new RevocationNotice();
        foreach (var entry in list.Entries)
        {
            notice.Workers.Add(new RevokedWorker
            {
                Name = entry.Worker,
                IssuedUntil = entry.IssuedUntil == DateTimeOffset.MaxValue ? 0 : entry.IssuedUntil.ToUnixTimeSeconds(),
            });
        }

        return notice;
    }

    public static RevocationList ToList(this RevocationNotice notice) => new(notice.Workers.Select(static worker => new Revocation(
        worker.Name, worker.IssuedUntil is > 0 and < 1L << 36 ? DateTimeOffset.FromUnixTimeSeconds(worker.IssuedUntil) : DateTimeOffset.MaxValue)));
}
