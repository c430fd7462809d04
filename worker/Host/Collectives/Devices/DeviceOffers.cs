using Cluster.Compute.Collectives;
using Cluster.Protos.V1;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>What ranks bring to a group of devices, and whether it makes one.</summary>
internal static class DeviceOffers
{
    /// <param name="communicators">The device's; null for one that knows no groups.</param>
    public static DeviceOffer Make(IDeviceCommunicators? communicators)
    {
        if (communicators is null) return Refusal("its device knows no groups");
        if (communicators.FindLibrary(out var problem) is not { } library) return Refusal(problem!);
        if (HostIdentity.Find() is not { } host) return Refusal("its system does not tell which host this is");
        try
        {
            return new DeviceOffer { Host = host, Library = library, Device = communicators.DeviceId };
        }
        catch (CommunicatorException e)
        {
            return Refusal(e.Message);
        }

        static DeviceOffer Refusal(string problem) => new() { Problem = problem };
    }

    /// <summary>Why the offers make no group, as far as they are there; null where nothing stands against it.</summary>
    /// <param name="offers">By tensor rank; null of a rank that has made none yet.</param>
    /// <param name="firstRank">Rank in the plan of the first.</param>
    public static string? FindObstacle(IReadOnlyList<DeviceOffer?> offers, int firstRank)
    {
        for (var i = 0; i < offers.Count; i++)
        {
            if (offers[i] is not { } offer) continue;
            if (offer.Problem.Length > 0) return $"rank {firstRank + i}: {offer.Problem}";
            for (var j = 0; j < i; j++)
            {
                if (offers[j] is { } other && Compare(other, offer) is { } difference) return $"ranks {firstRank + j} and {firstRank + i} {difference}";
            }
        }

        return null;
    }

    private static string? Compare(DeviceOffer first, DeviceOffer second)
    {
        if (first.Host != second.Host) return "are on different hosts";
        if (first.Library != second.Library) return $"have {first.Library} and {second.Library}";
        return first.Device == second.Device ? "share a device" : null;
    }
}
