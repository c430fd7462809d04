using System.Globalization;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Membership;

/// <summary>Checks what a worker says of itself, since it is repeated in logs and dialled by its peers.</summary>
internal static class MemberDescription
{
    public const int MaxTextLength = 256;

    /// <summary>What is wrong with the description, or null.</summary>
    public static string? Check(WorkerDescription description)
    {
        if (description.Name.Length == 0) return "the worker has no name";
        if (description.Device is null) return $"the worker '{Printable(description.Name)}' describes no device";

        foreach (var text in (ReadOnlySpan<string>)[description.Name, description.Address, description.Version,
            description.Device.Id, description.Device.Name, description.Device.Kernels])
        {
            if (text.Length > MaxTextLength || text != Printable(text)) return $"'{Printable(text)}' is not a printable text of at most {MaxTextLength} characters";
        }

        return IsHostAndPort(description.Address) ? null : $"'{description.Address}' is not HOST:PORT";
    }

    public static Member ToMember(WorkerDescription description, DateTimeOffset joinedAt) => new()
    {
        Name = description.Name,
        Address = description.Address,
        Version = description.Version,
        ProcessId = description.ProcessId,
        Device = new MemberDevice(
            description.Device.Id, description.Device.Name, description.Device.Kernels, description.Device.Threads, description.Device.MemoryBytes)
        {
            ReadBytesPerSecond = Measured(description.Device.ReadBytesPerSecond),
            MultiplyAddsPerSecond = Measured(description.Device.MultiplyAddsPerSecond),
        },
        JoinedAt = joinedAt,
    };

    /// <summary>What no device does was not measured.</summary>
    private static double Measured(double perSecond) => perSecond is > 0 and < 1e18 ? perSecond : 0;

    private static bool IsHostAndPort(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            && Uri.CheckHostName(address[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
    }

    private static string Printable(string text)
    {
        var shown = text.Length > MaxTextLength ? text[..MaxTextLength] : text;
        return string.Create(shown.Length, shown, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
    }
}
