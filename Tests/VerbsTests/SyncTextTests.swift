import Messages
import Testing
import Wire

@testable import Verbs

private func picture(leases: LeaseStatus?) -> SynchronisationStatus {
  SynchronisationStatus(
    SyncStatus(
      ready: true, reason: "", connected: true, encrypted: true, sending: true, term: 3,
      sessions: 12, peerSessions: 12, digest: 0xabc, peerDigest: 0xabc,
      comparedAgo: .milliseconds(1_500), digestsAgree: true, lag: .microseconds(400), queued: 0,
      bulk: .complete, refused: 0,
      kinds: [
        SyncKind(name: "tcp4", here: 10, peer: 9),
        SyncKind(name: "helpers", here: 2, peer: 2, note: "ftp 2"),
        SyncKind(name: "neighbours", here: 4, peer: nil),
      ], counters: [NamedCount(name: "bulks", count: 1)]), leases: leases)
}

@Test("sync status: the matrix of what is synchronised, on either node, and what is not")
func matrixText() {
  #expect(
    StatusText.synchronisation(picture(leases: LeaseStatus(inUse: 7, peer: 7))) == """
      ready     yes
      direction source
      sessions  12 here, 12 at the peer
      digest    abc here, abc at the peer
      compared  1500.0 ms ago: the tables agree
      lag       0.4 ms, 0 changes queued
      bulk      complete
      refused   0

      kind          here      at the peer
      tcp4          10        9
      helpers       2         2           ftp 2
      neighbours    4         -
      leases        7         7

      not: sessions that begin or end on a node itself
      not: sessions that nobody has answered yet
      not: counters, start times, security marks: the kernel takes none
      not: what helpers of SIP, H.323 and PPTP remember: the kernel takes none

      bulks                         1
      """)
}

@Test("sync status: where no LAN has dhcp there is a word instead of leases, and no row in JSON")
func withoutLeases() {
  let status = picture(leases: nil)
  #expect(StatusText.synchronisation(status).contains("\nleases        none: no LAN has dhcp\n"))
  #expect(status.matrix.map(\.kind) == ["tcp4", "helpers", "neighbours"])
}
