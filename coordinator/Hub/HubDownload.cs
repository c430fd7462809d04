using System.Net;
using System.Security.Cryptography;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Resilience;

namespace Cluster.Coordinator.Hub;

/// <summary>
/// One file of a repository on its way to this machine. What has come is kept beside the file, under its checksum, and gone on with the
/// next time; the file appears under its name when it is whole and its SHA-256 is right.
/// </summary>
/// <param name="hub">The server.</param>
/// <param name="repository">OWNER/NAME.</param>
/// <param name="revision">Branch, tag or commit.</param>
/// <param name="file">What is wanted.</param>
/// <param name="path">Where it goes.</param>
/// <param name="time">What waiting goes by.</param>
internal sealed class HubDownload(HubClient hub, string repository, string revision, HubFile file, string path, TimeProvider time)
{
    private const int BufferBytes = 1 << 18;

    private readonly string _part = $"{path}.{file.Sha256?[..Math.Min(16, file.Sha256.Length)] ?? "unverified"}.part";

    /// <param name="progress">Told bytes that are here and that there are.</param>
    /// <param name="cancellationToken">Ends it; what has come stays for the next time.</param>
    /// <exception cref="ClusterException">The server does not have it, it stays unreachable, the content is not what it says, or there is no room.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task RunAsync(Action<long, long> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            var part = new FileStream(_part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (part.ConfigureAwait(false))
            {
                if (part.Length > file.Size) part.SetLength(0);
                RequireRoom(file.Size - part.Length);
                await AddExistingAsync(part, hash, progress, cancellationToken).ConfigureAwait(false);
                await ReceiveAllAsync(part, hash, progress, cancellationToken).ConfigureAwait(false);
                part.Flush(flushToDisk: true);
            }

            Verify(Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        File.Move(_part, path, overwrite: true);
    }

    private async Task ReceiveAllAsync(FileStream part, IncrementalHash hash, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var retry = CoordinatorPolicies.Transfer(time);
        try
        {
            while (part.Position < file.Size)
            {
                await retry.ExecuteAsync(
                    async token => await ReceiveAsync(part, hash, progress, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TransferException e)
        {
            throw new ClusterException($"{e.Message}; {ByteSize.Format(part.Position)} of {ByteSize.Format(file.Size)} are here, the next pull goes on from there");
        }
    }

    /// <summary>Receives until the file is whole or the connection ends; that is no failure when something came.</summary>
    private async Task ReceiveAsync(FileStream part, IncrementalHash hash, Action<long, long> progress, CancellationToken cancellationToken)
    {
        using var response = await hub.OpenAsync(repository, revision, file.Path, part.Position, cancellationToken).ConfigureAwait(false);
        if (part.Position > 0 && !Continues(response, part.Position))
        {
            part.SetLength(0);
            hash.GetHashAndReset();
        }

        var began = part.Position;
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        try
        {
            using var content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (part.Position < file.Size)
            {
                var count = await hub.WaitAsync(async token => await content.ReadAsync(buffer, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                if (count == 0) throw new TransferException($"{file.Path} ended after {part.Position} of {file.Size} bytes");
                if (part.Position + count > file.Size) throw new ClusterException($"{file.Path} is longer than the {file.Size} bytes that the repository tells");
                hash.AppendData(buffer, 0, count);
                await part.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                progress(part.Position, file.Size);
            }
        }
        catch (TransferException) when (part.Position > began)
        {
            // The rest is asked for anew, with all patience again.
        }
    }

    private static bool Continues(HttpResponseMessage response, long offset) =>
        response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == offset;

    private async Task AddExistingAsync(FileStream part, IncrementalHash hash, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        for (int count; (count = await part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            progress(part.Position, file.Size);
        }
    }

    private void RequireRoom(long bytes)
    {
        var folder = Path.GetDirectoryName(path)!;
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes) throw new ClusterException($"{file.Path} needs {ByteSize.Format(bytes)}, {ByteSize.Format(free)} are free in {folder}");
    }

    private void Verify(string found)
    {
        if (file.Sha256 is null || string.Equals(file.Sha256, found, StringComparison.OrdinalIgnoreCase)) return;

        File.Delete(_part);
        throw new ClusterException($"{file.Path} came with SHA-256 {found}, the repository says {file.Sha256}: it was deleted, pull it again");
    }
}
