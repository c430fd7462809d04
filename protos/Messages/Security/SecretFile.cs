namespace Cluster.Protos.Security;

/// <summary>Files that only their owner may read.</summary>
public static class SecretFile
{
    /// <summary>Puts a file in the place of what was there, as a whole, readable by nobody else at any time.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static void Write(string path, string text)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var fresh = $"{path}.{Environment.ProcessId}.new";
        try
        {
            // One that a crash left may be anybody's: it must be ours.
            File.Delete(fresh);
            using (var stream = new FileStream(fresh, Options(FileMode.CreateNew)))
            using (var writer = new StreamWriter(stream))
            {
                writer.Write(text);
                writer.Flush();
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch
        {
            File.Delete(fresh);
            throw;
        }
    }

    /// <summary>Adds a line to a file.</summary>
    /// <inheritdoc cref="Write"/>
    public static void Append(string path, string line)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var stream = new FileStream(path, Options(FileMode.Append));
        using var writer = new StreamWriter(stream);
        writer.Write($"{line}\n");
    }

    /// <summary>Makes a folder that only its owner may look into; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>How to open one that may have to be made.</summary>
    public static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = mode == FileMode.Append ? FileAccess.Write : FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
