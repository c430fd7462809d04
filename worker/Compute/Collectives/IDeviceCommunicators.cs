namespace Cluster.Compute.Collectives;

/// <summary>Joins a device with those of other programs on its host to groups that sum without the host. From any thread.</summary>
public interface IDeviceCommunicators
{
    /// <summary>Tells the devices of a host apart, in whichever program.</summary>
    /// <exception cref="CommunicatorException">It cannot be told.</exception>
    string DeviceId { get; }

    /// <summary>The library with its version, which all ranks of a group need to have; null where there is none, for the reason in <paramref name="problem"/>.</summary>
    string? FindLibrary(out string? problem);

    /// <summary>What the ranks of a group meet by; one of them makes it for all.</summary>
    /// <exception cref="CommunicatorException">They cannot meet.</exception>
    byte[] CreateId();

    /// <summary>
    /// Joins a group and tries it. Blocks until all ranks have, possibly for ever where one never does; once they have met, until cancelled.
    /// </summary>
    /// <param name="id">From <see cref="CreateId"/>.</param>
    /// <param name="rank">This rank in the group.</param>
    /// <param name="size">Ranks of the group.</param>
    /// <param name="findLoss">Says why waiting for the group makes no sense any more, or null; asked by whoever waits for the device.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommunicatorException">It cannot be joined, or sums come out wrong.</exception>
    IDeviceCollective Join(byte[] id, int rank, int size, Func<string?> findLoss, CancellationToken cancellationToken);
}
