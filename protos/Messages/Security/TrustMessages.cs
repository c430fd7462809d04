using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Protos.Security;

/// <summary>Lists of authorities on the wire.</summary>
public static class TrustMessages
{
    public static TrustNotice ToNotice(this TrustedAuthorities trusted)
    {
        var notice = new TrustNotice();
        foreach (var authority in trusted.All) notice.Authorities.Add(ByteString.CopyFrom(authority.RawDataMemory.Span));
        return notice;
    }

    /// <summary>Null for what is no such list.</summary>
    public static TrustedAuthorities? ToTrusted(this TrustNotice notice) => TrustedAuthorities.Read(notice.Authorities.Select(static authority => authority.Memory));
}
