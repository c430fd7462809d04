using Cluster.Coordinator.CacheFiles;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Slots;

/// <summary>Saves slots to files of one folder and restores them from there.</summary>
/// <param name="folder">The only folder that is touched.</param>
/// <param name="slots">The slots.</param>
/// <param name="files">Moves what is cached.</param>
/// <param name="engine">Owns the cache.</param>
internal sealed class SlotFiles(string folder, SlotTable slots, CacheFileService files, InferenceEngine engine)
{
    private const int MaxNameLength = 128;

    /// <summary>Whether a client's name for a file is a plain one: nothing that leads out of the folder or means something to a file system.</summary>
    public static bool IsPlainName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name[0] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ' ' or '+' or '=' or '@') && name[^1] is not ('.' or ' ');

    /// <summary>Saves what is cached of a slot's text.</summary>
    /// <exception cref="ClusterException">Nothing of it is, or a worker fails.</exception>
    /// <exception cref="Model.KvCache.Files.KvCacheFileException">The file cannot be written.</exception>
    public Task<SavedCache> SaveAsync(Slot slot, string name, CancellationToken cancellationToken) =>
        files.SaveAsync(PathOf(name), slot.Tokens, cancellationToken);

    /// <summary>Restores a text into a slot.</summary>
    /// <returns>Null when the slot is at work.</returns>
    /// <exception cref="ClusterException">There is no room, or a worker fails.</exception>
    /// <exception cref="Model.KvCache.Files.KvCacheFileException">The file is damaged, or of another model or cache format.</exception>
    public async Task<RestoredCache?> RestoreAsync(Slot slot, string name, CancellationToken cancellationToken)
    {
        if (slot.IsProcessing) return null;
        var restored = await files.RestoreAsync(PathOf(name), cancellationToken).ConfigureAwait(false);
        return slots.TryReplace(slot.Id, restored.Tokens) ? restored : null;
    }

    /// <summary>Forgets a slot's text; what others share of it stays cached.</summary>
    /// <returns>Tokens that the slot had; null when it is at work.</returns>
    public async Task<int?> EraseAsync(Slot slot)
    {
        if (!slots.TryReplace(slot.Id, default)) return null;
        await engine.RunBetweenStepsAsync(parts =>
        {
            parts.Blocks.Forget(slot.Tokens.Span);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return slot.Tokens.Length;
    }

    private string PathOf(string name) =>
        IsPlainName(name) ? Path.Combine(folder, name) : throw new ArgumentException($"'{name}' is no plain file name.", nameof(name));
}
