using System.Globalization;
using Cluster.Coordinator.Benchmarking;

namespace Cluster.Coordinator.Commands;

/// <summary>How near something comes to what a device does at most.</summary>
internal static class LimitText
{
    /// <summary>The limit that is nearer: memory while decoding, products in prefill.</summary>
    /// <param name="read">Of the memory's bandwidth; null when that was not measured.</param>
    /// <param name="multiplyAdds">Of the products; null when they were not measured.</param>
    public static string Of(LimitShare? read, LimitShare? multiplyAdds)
    {
        if (read is null && multiplyAdds is null) return "–";

        var isRead = multiplyAdds is null || read?.Share >= multiplyAdds?.Share;
        var limit = (isRead ? read : multiplyAdds)!.Value;
        return string.Create(CultureInfo.InvariantCulture, $"{100 * limit.Share:0} % of {limit.Rate / 1e9:0.0} {(isRead ? "GB/s" : "GMAC/s")}");
    }
}
