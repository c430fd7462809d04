using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Cluster.Coordinator.Hub;

/// <summary>A model of a repository on Hugging Face, or on a server that answers alike.</summary>
/// <param name="Repository">OWNER/NAME.</param>
/// <param name="File">The file, or a part of its name that no other has; null for the only one.</param>
internal sealed partial record HubReference(string Repository, string? File)
{
    public const string Scheme = "hf:";

    public override string ToString() => File is null ? $"{Scheme}{Repository}" : $"{Scheme}{Repository}:{File}";

    /// <param name="text">hf:OWNER/NAME or hf:OWNER/NAME:FILE.</param>
    /// <param name="reference">What it names.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubReference? reference)
    {
        var match = Form().Match(text);
        var file = match.Groups["file"] is { Success: true } group ? group.Value : null;
        reference = match.Success && (file is null || IsSafe(file)) ? new HubReference(match.Groups["repository"].Value, file) : null;
        return reference is not null;
    }

    /// <summary>Whether a path, which may come from a server, stays below the folder that it is put in.</summary>
    public static bool IsSafe(string path) =>
        path.Length > 0 && path.Split('/').All(part => part is not ("" or "." or "..")) && !path.Any(letter => letter is '\\' or ':' || char.IsControl(letter));

    [GeneratedRegex(@"\Ahf:(?<repository>[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95})(:(?<file>.{1,512}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
